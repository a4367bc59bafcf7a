/**
 * Refusals of Zoho People, which come with any status, 200 included:
 * https://www.zoho.com/people/api/error-codes.html
 */
import type { Refusal, VendorAnswer } from "../plugin.ts";
import { isObject, type JsonObject, jsonOf, looseObjectOf } from "../requests/json-messages.ts";
import { refusalByStatus, retryAfterOf, wordsOf } from "../requests/refusals.ts";
import { NO_RECORDS } from "./people-answer.ts";

/** Who asks too often is answered nothing for so long. */
const LOCK_SECONDS = 300;

type Meaning = Pick<Refusal, "kind" | "message">;

const TOO_OFTEN: Meaning = {
  kind: "RATE",
  message: "Zoho People is asked too often and locks the call for five minutes. Try again later.",
};
const NO_TOKEN: Meaning = {
  kind: "AUTH",
  message: "Zoho People refuses the credential. Authorize again.",
};
const NOT_ALLOWED: Meaning = {
  kind: "FORBIDDEN",
  message: "Zoho People does not allow this account to do that. Give its role the permission.",
};
const NO_SUCH: Meaning = {
  kind: "NOT_FOUND",
  message: "Zoho People has no such form or record, or does not show it to this account.",
};
const NOT_VALID: Meaning = {
  kind: "INVALID",
  message: "Zoho People refuses the values of the call. Correct them.",
};

const MEANINGS: Readonly<Record<number, Meaning>> = {
  2955: TOO_OFTEN,
  7011: NO_SUCH,
  7012: NO_SUCH,
  7037: NOT_ALLOWED,
  7038: NOT_ALLOWED,
  7039: NOT_ALLOWED,
  7040: NOT_ALLOWED,
  7048: NO_SUCH,
  7049: NO_SUCH,
  7119: NOT_ALLOWED,
  7202: NO_TOKEN,
  7213: NO_TOKEN,
  7218: NOT_ALLOWED,
};

export function refusal(answer: VendorAnswer): Refusal | undefined {
  const error = errorOf(answer);
  const byStatus = refusalByStatus(answer, { vendor: "Zoho People", byStatus: { 429: TOO_OFTEN } });
  // An empty form is no refusal, whatever its status says.
  if (error?.code === NO_RECORDS && answer.status < 500) return undefined;
  if (error === undefined && byStatus === undefined) return undefined;

  const meaning = error && answer.status < 500 ? meaningOf(error) : undefined;
  const found: Refusal = {
    ...(byStatus ?? { ...NOT_VALID, notDone: true }),
    ...(byStatus === undefined || byStatus.kind === "INVALID" ? meaning : undefined),
  };
  const wait = found.kind === "RATE" ? (retryAfterOf(answer) ?? LOCK_SECONDS) : undefined;
  return {
    ...found,
    ...(wait !== undefined && { retryAfterSeconds: wait }),
    ...(error?.words !== undefined && { vendorMessage: error.words }),
  };
}

interface VendorFault {
  readonly code: number | undefined;
  readonly words: string | undefined;
}

/** The error of an answer, in any of the envelopes that the API has; undefined for a result. */
function errorOf(answer: VendorAnswer): VendorFault | undefined {
  const body = looseObjectOf(answer);
  const envelope = isObject(body.response) ? body.response : body;
  const errors = envelope.errors ?? envelope.error;
  const [first] = Array.isArray(errors) ? errors : [errors];
  if (isObject(first)) return faultOf(first, envelope);
  if (typeof first === "string") return faultOf({ message: first }, envelope);

  // Attendance answers a bare list with one line for what it could not take.
  const refused = listed(answer).find((line) => line.response === "failure");
  return refused === undefined ? undefined : faultOf(refused, refused);
}

function faultOf(error: JsonObject, { message }: JsonObject): VendorFault {
  const code = Number(error.code ?? Number.NaN);
  const texts = Object.values(error).filter((value) => typeof value === "string");
  return { code: Number.isInteger(code) ? code : undefined, words: wordsOf(message, texts) };
}

function listed(answer: VendorAnswer): JsonObject[] {
  try {
    const value = jsonOf(answer);
    return Array.isArray(value) ? value.filter(isObject) : [];
  } catch {
    return [];
  }
}

/** Over its limit of tokens, the vendor answers 200 and these words alone. */
function meaningOf({ code, words }: VendorFault): Meaning {
  if (code === undefined && /access denied/i.test(words ?? "")) return TOO_OFTEN;
  return MEANINGS[code ?? 0] ?? NOT_VALID;
}
