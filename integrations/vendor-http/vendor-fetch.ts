/** `sendToVendor` in the shape of `fetch`, for libraries that take one (`customFetch`). */
import type { VendorRequest } from "../plugin.ts";
import { type SendOptions, type SendToVendor, sendToVendor } from "./send.ts";
import { VendorError } from "./vendor-error.ts";

/** What libraries hand over. Streams are not sent. */
export interface FetchInit {
  readonly method?: string;
  readonly headers?: Record<string, string> | [string, string][] | Headers;
  readonly body?: URLSearchParams | string | Uint8Array | null | undefined;
  readonly signal?: AbortSignal | null;
  readonly redirect?: "manual";
}
export type VendorFetch = (url: string | URL, init?: FetchInit) => Promise<Response>;

const METHODS: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const WITHOUT_BODY = [204, 205, 304];

/** Rejects with `VendorError`, as `sendToVendor` does. A redirect is an answer: none is followed. */
export function vendorFetch(
  options: Omit<SendOptions, "signal">,
  send: SendToVendor = sendToVendor,
): VendorFetch {
  return async (url, { method = "GET", headers, body, signal } = {}) => {
    if (!isMethod(method)) throw new VendorError("BLOCKED");
    const sent = new Headers(headers);
    if (body instanceof URLSearchParams && !sent.has("content-type"))
      sent.set("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
    const text = body instanceof URLSearchParams ? body.toString() : (body ?? undefined);

    const answer = await send(
      { method, url: String(url), headers: Object.fromEntries(sent), body: text },
      { ...options, signal: signal ?? undefined },
    );

    const { status } = answer;
    const read = WITHOUT_BODY.includes(status) ? null : Uint8Array.from(answer.body);
    return new Response(read, { status, headers: { ...answer.headers } });
  };
}

const isMethod = (method: string): method is VendorRequest["method"] => METHODS.includes(method);
