/** One request and its answer, on one connection, within bounds. */
import type { ClientRequest, IncomingMessage } from "node:http";
import type { VendorAnswer, VendorRequest } from "../plugin.ts";
import { answerHeaders } from "./headers.ts";
import { onceReady } from "./pools.ts";
import { MOST_FRAMING, readBody } from "./read-body.ts";
import { VendorError, type VendorErrorKind } from "./vendor-error.ts";

export interface ExchangeBounds {
  /** For the whole: name, connection, TLS, headers and body. Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Of the body, compressed and decompressed. */
  readonly maxBytes: number;
}

export const MOST_HEADER_BYTES = 16 * 1024;
/** An endless row of them is an answer that never begins. */
const MOST_EARLY_HINTS = 10;
/** A parser may swallow for ever without a word: the leading zeros of a chunk's length. */
const WIRE_CHECK_MS = 100;

type End = (kind: VendorErrorKind) => void;

/** Begins the request. Rejects with `VendorError`, and leaves no connection in a doubtful state. */
export async function exchange(
  asked: ClientRequest,
  body: VendorRequest["body"],
  bounds: ExchangeBounds,
): Promise<VendorAnswer> {
  const state = { sent: false };
  const over = Promise.withResolvers<never>();
  const end: End = (kind) => {
    over.reject(new VendorError(kind));
    asked.destroy();
  };
  const unwatch = watched(asked, bounds, end);
  asked.once("socket", (socket) =>
    onceReady(socket, () => {
      state.sent = true;
    }),
  );

  try {
    return await Promise.race([over.promise, answered(asked, body, bounds.maxBytes, end)]);
  } catch (error) {
    asked.destroy();
    throw vendorError(error, state.sent);
  } finally {
    unwatch();
  }
}

/** Ends the request when its time is over, its caller gone, or its answer endless. */
function watched(asked: ClientRequest, bounds: ExchangeBounds, end: End): () => void {
  const { timeoutMs, signal, maxBytes } = bounds;
  const deadline = setTimeout(end, timeoutMs, "TIMEOUT");
  const cancel = () => end("CANCELLED");
  signal?.addEventListener("abort", cancel, { once: true });

  let begun = 0;
  asked.once("socket", (socket) => {
    begun = socket.bytesRead;
  });
  const most = MOST_HEADER_BYTES + MOST_FRAMING + 2 * maxBytes;
  const wire = setInterval(() => {
    if ((asked.socket?.bytesRead ?? 0) - begun > most) end("TOO_LARGE");
  }, WIRE_CHECK_MS);

  return () => {
    clearTimeout(deadline);
    clearInterval(wire);
    signal?.removeEventListener("abort", cancel);
  };
}

async function answered(
  asked: ClientRequest,
  body: VendorRequest["body"],
  maxBytes: number,
  end: End,
): Promise<VendorAnswer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    let early = 0;
    asked.on("information", () => {
      early += 1;
      if (early > MOST_EARLY_HINTS) end("TOO_LARGE");
    });
    asked.once("response", resolve);
    asked.on("error", reject);
    // Node closes without an error where an answer switches to another protocol.
    asked.once("close", () => reject(new VendorError("UNREACHABLE")));
    asked.end(body);
  });

  const read = await readBody(answer, maxBytes);
  return { status: answer.statusCode ?? 0, headers: answerHeaders(answer.headers), body: read };
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
