/** Which headers travel, either way (threat model 19, 21). */
import { VendorError } from "./vendor-error.ts";

const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;
/** No line break, no other control character; what is beyond ASCII is read in two ways. */
const VALUE = /^[\t\x20-\x7e]*$/;
const MOST_BYTES = 16_384;

/** They speak of one connection, or of how a message is cut: ours to say, and nobody else's. */
const OF_THE_CONNECTION = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** Headers of an answer that plugins read. All others stay here: cookies, for example. */
const READ = new Set([
  "accept-ranges",
  "age",
  "allow",
  "cache-control",
  "content-disposition",
  "content-language",
  "content-range",
  "content-type",
  "date",
  "deprecation",
  "etag",
  "expires",
  "github-authentication-token-expiration",
  "last-modified",
  "link",
  "location",
  "poll-interval",
  "request-id",
  "retry-after",
  "sunset",
  "vary",
  "warning",
  "www-authenticate",
  "x-poll-interval",
  "x-request-id",
]);
const READ_PREFIXES = [
  "atl-",
  "beta-ratelimit",
  "ratelimit",
  "x-accepted-",
  "x-amzn-",
  "x-github-",
  "x-next",
  "x-oauth-",
  "x-page",
  "x-per-page",
  "x-prev",
  "x-rate-limit",
  "x-ratelimit",
  "x-seraph-",
  "x-total",
];

/**
 * The headers of a request, in lower case. Throws `VendorError` `BLOCKED` for a name that is no
 * token, is the connection's, or stands there twice, and for a value that holds a line break.
 */
export function requestHeaders(given: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = {};
  let bytes = 0;

  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase();
    const fits = TOKEN.test(name) && typeof value === "string" && VALUE.test(value);
    bytes += name.length + (fits ? value.length : 0);
    if (
      !fits ||
      OF_THE_CONNECTION.has(lower) ||
      Object.hasOwn(headers, lower) ||
      bytes > MOST_BYTES
    )
      throw new VendorError("BLOCKED");
    headers[lower] = value;
  }
  return headers;
}

/** Of an answer's headers those that are read; names in lower case. */
export function answerHeaders(
  received: NodeJS.Dict<string | string[]>,
): Readonly<Record<string, string>> {
  const isRead = (name: string) =>
    READ.has(name) || READ_PREFIXES.some((prefix) => name.startsWith(prefix));

  return Object.fromEntries(
    Object.entries(received).flatMap(([name, value]) =>
      typeof value === "string" && isRead(name) ? [[name, value]] : [],
    ),
  );
}
