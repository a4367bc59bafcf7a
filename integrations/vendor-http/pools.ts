/**
 * Connections that are kept open, by host: bounded, and to judged addresses only. They know no
 * tenant: nothing of a request stays on a connection of HTTP/1.1.
 */
import { type Agent, type AgentOptions, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { LookupFunction, Socket, TcpNetConnectOpts } from "node:net";
import { TLSSocket } from "node:tls";
import { type EgressRules, mayConnectIp } from "../../core/egress-guard.ts";
import { parseIp } from "../../core/ip-address.ts";
import { judgedAddresses, type Resolve } from "./resolve-host.ts";
import { VendorError } from "./vendor-error.ts";

/** At once to one host; more wait, as long as their deadline lets them. */
const MOST_SOCKETS = 64;
const MOST_IDLE = 8;
/** Shorter than the shortest that servers close after by themselves (5 s), so that few races. */
const IDLE_MS = 4_000;
/** For name, connection and TLS together. */
const CONNECT_MS = 10_000;
/** For one address of several. */
const ATTEMPT_MS = 2_000;

export interface PoolOptions {
  readonly rules: EgressRules;
  readonly resolve?: Resolve | undefined;
  /** Certificates that are trusted instead of the public ones. For tests. */
  readonly ca?: string | undefined;
}

export interface Pools {
  readonly "http:": Agent;
  readonly "https:": Agent;
}

/** No proxy of the environment is used: neither agent is told of one. */
export function openPools(options: PoolOptions): Pools {
  const bounds: AgentOptions = {
    keepAlive: true,
    maxSockets: MOST_SOCKETS,
    maxFreeSockets: MOST_IDLE,
    scheduling: "lifo",
    timeout: IDLE_MS,
  };
  const tls = { rejectUnauthorized: true, minVersion: "TLSv1.2", ca: options.ca } as const;

  return {
    "http:": guarded(new HttpAgent(bounds), "connect", options),
    "https:": guarded(new HttpsAgent({ ...bounds, ...tls }), "secureConnect", options),
  };
}

type Ready = "connect" | "secureConnect";
const ready = new WeakSet<Socket>();

/** Calls back once a byte of a request may reach the vendor: at once, or before the first does. */
export function onceReady(socket: Socket, then: () => void): void {
  if (ready.has(socket)) then();
  else socket.once(socket instanceof TLSSocket ? "secureConnect" : "connect", then);
}

/** Connects where the guard lets it, once, and to nothing else. */
function guarded<A extends Agent>(agent: A, event: Ready, { rules, resolve }: PoolOptions): A {
  const connect = agent.createConnection.bind(agent);

  agent.createConnection = (options) => {
    const pinned = new Set<string>();
    const lookup: LookupFunction = (host, _, done) => {
      judgedAddresses(host, rules, resolve).then(
        (addresses) => {
          for (const { address } of addresses) pinned.add(address);
          done(null, addresses);
        },
        (error: VendorError) => done(error, []),
      );
    };

    const happy = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ATTEMPT_MS };
    const socket = connect({ ...options, ...happy, lookup } as TcpNetConnectOpts);
    if (socket) watch(socket as Socket, event, (peer) => leadsThere(peer, pinned, rules));
    return socket;
  };
  return agent;
}

function watch(socket: Socket, event: Ready, mayStay: (peer: string | undefined) => boolean) {
  const late = setTimeout(() => socket.destroy(new VendorError("TIMEOUT")), CONNECT_MS);

  socket.once("connect", () => {
    if (!mayStay(socket.remoteAddress)) socket.destroy(new VendorError("BLOCKED"));
  });
  socket.once(event, () => {
    clearTimeout(late);
    ready.add(socket);
  });
  socket.once("close", () => clearTimeout(late));
}

/** Whether the peer is one that was judged: of a name among its addresses, of a number itself. */
function leadsThere(peer: string | undefined, pinned: Set<string>, rules: EgressRules): boolean {
  const found = peer === undefined ? undefined : parseIp(peer);
  if (!found || !mayConnectIp(peer ?? "", rules)) return false;
  return pinned.size === 0 || [...pinned].some((one) => parseIp(one)?.value === found.value);
}
