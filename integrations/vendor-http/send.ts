/**
 * The one way out to vendors. A request goes to a judged address or nowhere; its answer has bounds
 * in time and size; a redirect is an answer like others, so no credential travels to another host.
 *
 * url, headers -> name -> connection -> TLS -> request -> status, headers -> body
 *   BLOCKED       BLOCKED   UNREACHABLE  TLS    `sent` from here on        TOO_LARGE
 */
import { request as askHttp, type ClientRequest, type IncomingMessage } from "node:http";
import { request as askHttps } from "node:https";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { EgressRules } from "../../core/egress-guard.ts";
import type { VendorAnswer, VendorRequest } from "../plugin.ts";
import { answerHeaders, requestHeaders } from "./headers.ts";
import { onceReady, openPools, type PoolOptions, type Pools } from "./pools.ts";
import { ACCEPTED_ENCODINGS, readBody } from "./read-body.ts";
import { targetOf } from "./target.ts";
import { VendorError, type VendorErrorKind } from "./vendor-error.ts";

export interface SendOptions {
  readonly rules: EgressRules;
  /** For the whole: name, connection, TLS, headers and body. Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Of the body, compressed and decompressed. */
  readonly maxBytes: number;
}
export type SendToVendor = (request: VendorRequest, options: SendOptions) => Promise<VendorAnswer>;

const MOST_HEADER_BYTES = 16 * 1024;
/** An endless row of them is an answer that never begins. */
const MOST_EARLY_HINTS = 10;
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
    return exchange({ ...request, headers }, target, pools, options);
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

interface Exchange {
  sent: boolean;
  early: number;
  ended?: VendorErrorKind;
}

async function exchange(
  { method, headers, body }: VendorRequest,
  target: URL,
  pools: Pools,
  { timeoutMs, signal, maxBytes }: SendOptions,
): Promise<VendorAnswer> {
  const state: Exchange = { sent: false, early: 0 };
  if (signal?.aborted) throw new VendorError("CANCELLED");

  const secure = target.protocol === "https:";
  const asked = (secure ? askHttps : askHttp)(target, {
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
  const end = (kind: VendorErrorKind) => {
    state.ended ??= kind;
    asked.destroy();
  };
  const deadline = setTimeout(() => end("TIMEOUT"), timeoutMs);
  const cancel = () => end("CANCELLED");
  signal?.addEventListener("abort", cancel, { once: true });

  try {
    const answer = await answered(asked, body, state, end);
    const read = await readBody(answer, maxBytes);
    return { status: answer.statusCode ?? 0, headers: answerHeaders(answer.headers), body: read };
  } catch (error) {
    asked.destroy();
    throw vendorError(state.ended ? new VendorError(state.ended) : error, state.sent);
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener("abort", cancel);
  }
}

function answered(
  asked: ClientRequest,
  body: VendorRequest["body"],
  state: Exchange,
  end: (kind: VendorErrorKind) => void,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asked.once("socket", (socket) =>
      onceReady(socket, () => {
        state.sent = true;
      }),
    );
    asked.on("information", () => {
      state.early += 1;
      if (state.early > MOST_EARLY_HINTS) end("TOO_LARGE");
    });
    asked.once("response", resolve);
    asked.on("error", reject);
    asked.end(body);
  });
}

/** OpenSSL's and Node's codes of certificates and versions that are not trusted. */
const TLS_CODES = /^(?:CERT_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)|CERT/;
const TOO_LARGE_CODES = ["HPE_HEADER_OVERFLOW", "HPE_CHUNK_EXTENSIONS_OVERFLOW"];

/** Translated once, here: no address and no text of a library leaves. */
function vendorError(error: unknown, sent: boolean): VendorError {
  if (error instanceof VendorError) return new VendorError(error.kind, sent);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (TOO_LARGE_CODES.includes(code)) return new VendorError("TOO_LARGE", sent);
  const isTls = TLS_CODES.test(code) || (code === "EPROTO" && !sent);
  return new VendorError(isTls ? "TLS" : "UNREACHABLE", sent);
}
