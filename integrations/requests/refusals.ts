/** What most vendors mean by a status, and how they say when to come back. */
import type { Refusal, VendorAnswer } from "../plugin.ts";

/** The vendor's name and, where it has them, its own words for a status. */
export interface RefusalWords {
  readonly vendor: string;
  readonly byStatus?: Readonly<Record<number, Pick<Refusal, "kind" | "message">>>;
}

/**
 * The refusal of an answer by its status; undefined for 2xx. A 4xx did nothing. A 5xx, a request
 * that took too long and a redirect may have: only who reads may ask again.
 */
export function refusalByStatus(answer: VendorAnswer, words: RefusalWords): Refusal | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;

  const { kind, message } = words.byStatus?.[status] ?? meaningOf(status, words.vendor);
  const retryAfterSeconds =
    kind === "RATE" || kind === "UNAVAILABLE" ? retryAfterOf(answer) : undefined;
  return {
    kind,
    message,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    notDone: status >= 400 && status < 500 && status !== 408,
  };
}

function meaningOf(status: number, vendor: string): Pick<Refusal, "kind" | "message"> {
  const meaning = MEANINGS[status];
  if (meaning) return { kind: meaning[0], message: `${vendor} ${meaning[1]}` };
  if (status >= 500)
    return { kind: "UNAVAILABLE", message: `${vendor} failed (${status}). Try again later.` };
  if (status >= 400)
    return { kind: "INVALID", message: `${vendor} refuses the call (${status}). Correct it.` };
  return {
    kind: "OTHER",
    message: `${vendor} answers ${status} instead of a result. Check the endpoint's address.`,
  };
}

const MEANINGS: Readonly<Record<number, readonly [Refusal["kind"], string]>> = {
  401: ["AUTH", "refuses the credential. Store a valid one, or authorize again."],
  403: ["FORBIDDEN", "does not allow this account to do that. Give it the permission."],
  404: ["NOT_FOUND", "answers that it does not exist, or that the account may not see it."],
  408: ["UNAVAILABLE", "waited too long for the call. Try again later."],
  410: ["OTHER", "removed this API. Upgrade the connector."],
  413: ["INVALID", "takes no body of that size. Send less."],
  429: ["RATE", "is asked too often. Try again later."],
};

const MOST_WORDS = 500;
/** Longer waits than a day are a mistake, or a quota that nobody waits for. */
const LONGEST_WAIT_SECONDS = 86_400;

/** Seconds of `Retry-After`, by the vendor's clock where it gives a time. Undefined without one. */
export function retryAfterOf(answer: VendorAnswer): number | undefined {
  const text = answer.headers["retry-after"]?.trim();
  if (text === undefined || text === "") return undefined;
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return bounded(Number(text));

  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : bounded((at - clockOf(answer)) / 1000);
}

/** Epoch milliseconds of the vendor's clock when it answered, or of ours where it does not say. */
export function clockOf({ headers }: VendorAnswer): number {
  const said = Date.parse(headers.date ?? "");
  return Number.isNaN(said) ? Date.now() : said;
}

/** Whole seconds that somebody may be told to wait. */
export function bounded(seconds: number): number {
  return Math.min(LONGEST_WAIT_SECONDS, Math.max(0, Math.ceil(seconds)));
}

/** Words of a vendor's error, whatever it holds: the texts in it, cut to a length to be read. */
export function wordsOf(...said: readonly unknown[]): string | undefined {
  const texts = said.flat().filter((one) => typeof one === "string");
  const words = texts
    .join(" ")
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim();
  return words === "" ? undefined : words.slice(0, MOST_WORDS).toWellFormed();
}
