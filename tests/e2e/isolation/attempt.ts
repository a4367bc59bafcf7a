/**
 * One request that names another tenant's thing, its twin that names a thing of nobody, and how
 * their answers compare.
 */
import type { ApiClient } from "../../../client/api-client.ts";
import type { RawAnswer } from "../../../client/exchange.ts";
import type { Method } from "../../../schemas/operation.ts";

export interface Attempt {
  /** Operation id, or the GraphQL field. */
  readonly operation: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** What is another's in it. */
  readonly named: readonly string[];
}

const ULID = /[0-9A-HJKMNP-TV-Z]{26}/g;

/** As long as the other, well formed, and nobody's: the same one for all of a kind. */
function nobodys(id: string): string {
  const other = id.replaceAll(ULID, "0".repeat(26));
  return other === id ? `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}` : other;
}

export function twinOf(attempt: Attempt): Attempt {
  // The longest first: an endpoint's id is a part of its datasets' ids.
  const named = [...attempt.named].sort((a, b) => b.length - a.length);
  const swap = (text: string) =>
    named.reduce(
      (said, id) => said.replaceAll(id, nobodys(id)).replaceAll(enc(id), enc(nobodys(id))),
      text,
    );

  const { path, body } = attempt;
  return {
    ...attempt,
    path: swap(path),
    ...(body !== undefined && { body: JSON.parse(swap(JSON.stringify(body))) as unknown }),
    named: attempt.named.map(nobodys),
  };
}

const enc = encodeURIComponent;

/** A request's own: when it was asked, and by which number it goes. */
const ITS_OWN = new Set(["date", "apigw-requestid"]);
/** In an answer, or in the text of a tool's result within one. */
const REQUEST_ID = /\\?"requestId\\?":\\?"[^"\\]*\\?"/g;

/** Every byte of the answer but the ids that were asked for, the request's id and the time. */
export async function told(api: ApiClient, attempt: Attempt): Promise<string> {
  const { method, path, body, headers, named } = attempt;
  const answer = await api.send(method, path, body, { ...headers });
  const said = named.reduce((text, id) => text.replaceAll(id, "<id>"), answer.text);
  return [
    `HTTP ${answer.status}`,
    ...headersOf(answer),
    said.replaceAll(REQUEST_ID, '"requestId":"<request>"'),
  ].join("\n");
}

const headersOf = ({ headers }: RawAnswer) =>
  [...headers].filter(([name]) => !ITS_OWN.has(name)).map(([name, value]) => `${name}: ${value}`);
