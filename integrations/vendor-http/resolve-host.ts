/** Where a name leads: resolved once for each connection, and every address judged. */
import { promises as dns, type LookupAddress } from "node:dns";
import { isIP } from "node:net";
import { type EgressRules, mayConnectIp } from "../../core/egress-guard.ts";
import { VendorError } from "./vendor-error.ts";

/** All addresses of a name. Rejects when it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Of one host that are tried: a zone may answer with hundreds that do not listen. */
const MOST_ADDRESSES = 8;
const DNS_TIMEOUT_MS = 2_000;
const DNS_TRIES = 2;
/** What an IPv6 answer may be late, when the IPv4 one is there. */
const LATE_MS = 50;

/**
 * The addresses that a connection may go to, IPv4 first. Rejects with `VendorError`: `BLOCKED` when
 * one of them is not public, `UNREACHABLE` when there is none.
 */
export async function judgedAddresses(
  host: string,
  rules: EgressRules,
  resolve: Resolve = rules.allowPrivateNetworks ? resolveByMachine : resolveByDns,
): Promise<LookupAddress[]> {
  const found = isIP(host) ? [host] : await resolve(host).catch(() => []);
  const addresses = [...new Set(found)];

  if (addresses.length === 0) throw new VendorError("UNREACHABLE");
  if (!addresses.every((address) => mayConnectIp(address, rules))) throw new VendorError("BLOCKED");
  return addresses
    .map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))
    .sort((a, b) => a.family - b.family)
    .slice(0, MOST_ADDRESSES);
}

/**
 * Asks name servers (the machine's, where none are given) without a thread: the four threads of
 * `dns.lookup` are the whole process's, and a tenant may name a zone whose servers never answer.
 * Reads no /etc/hosts.
 */
export function openResolver(servers?: readonly string[]): Resolve {
  let opened: dns.Resolver | undefined;

  return async (host) => {
    opened ??= new dns.Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
    if (servers) opened.setServers(servers);
    const own = opened;
    const none = (): string[] => [];
    const ipv6 = own.resolve6(host).catch(none);
    const ipv4 = await own.resolve4(host).catch(none);
    const late = new Promise<string[]>((wake) => setTimeout(wake, LATE_MS, []).unref());
    return [...ipv4, ...(await (ipv4.length > 0 ? Promise.race([ipv6, late]) : ipv6))];
  };
}

const resolveByDns = openResolver();

/** As every other program of this machine: for a stack on one machine. */
const resolveByMachine: Resolve = async (host) =>
  (await dns.lookup(host, { all: true })).map(({ address }) => address);
