/**
 * The one way out to vendors. A request goes to a judged address or nowhere; its answer has bounds
 * in time and size; a redirect is an answer like others, so no credential travels to another host.
 *
 * url, headers -> name -> connection -> TLS -> request -> status, headers -> body
 *   BLOCKED       BLOCKED   UNREACHABLE  TLS    `sent` from here on        TOO_LARGE
 */
import { request as askHttp, type ClientRequest } from "node:http";
import { request as askHttps } from "node:https";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { EgressRules } from "../../core/egress-guard.ts";
import type { VendorAnswer, VendorRequest } from "../plugin.ts";
import { type ExchangeBounds, exchange, MOST_HEADER_BYTES } from "./exchange.ts";
import { requestHeaders } from "./headers.ts";
import { openPools, type PoolOptions, type Pools } from "./pools.ts";
import { ACCEPTED_ENCODINGS } from "./read-body.ts";
import { targetOf } from "./target.ts";
import { VendorError } from "./vendor-error.ts";

export interface SendOptions extends ExchangeBounds {
  readonly rules: EgressRules;
}
export type SendToVendor = (request: VendorRequest, options: SendOptions) => Promise<VendorAnswer>;

const USER_AGENT = "inlet/0.1";

/**
 * The vendor's answer, whatever its status. Asks once: what may be repeated, and when, is the
 * caller's to decide (`core/repeatable.ts`). Rejects with `VendorError` and nothing else.
 */
export const sendToVendor: SendToVendor = openSender();

/** A sender with connections of its own; `given` replaces name servers and trust, for tests. */
export function openSender(given: Omit<PoolOptions, "rules"> = {}): SendToVendor {
  const opened = new Map<boolean, Pools>();

  return async (request, options) => {
    const { rules } = options;
    const target = targetOf(request.url, rules);
    const headers = requestHeaders(request.headers);
    const pools = opened.get(rules.allowPrivateNetworks) ?? openPools({ ...given, rules });
    opened.set(rules.allowPrivateNetworks, pools);

    await whatHappened();
    if (options.signal?.aborted) throw new VendorError("CANCELLED");
    return exchange(prepared(request, headers, target, pools), request.body, options);
  };
}

/**
 * A whole turn of the loop, so that a connection which its server closed meanwhile is seen to be
 * closed, and is not used. Two, since the first may end the turn that is under way.
 */
async function whatHappened(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

/** A request that has not begun. Node writes nothing of it before it has a connection. */
function prepared(
  { method, body }: VendorRequest,
  headers: Readonly<Record<string, string>>,
  target: URL,
  pools: Pools,
): ClientRequest {
  const secure = target.protocol === "https:";
  return (secure ? askHttps : askHttp)(target, {
    method,
    agent: secure ? pools["https:"] : pools["http:"],
    headers: {
      "user-agent": USER_AGENT,
      "accept-encoding": ACCEPTED_ENCODINGS,
      ...headers,
      ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
    },
    maxHeaderSize: MOST_HEADER_BYTES,
    insecureHTTPParser: false,
  });
}
