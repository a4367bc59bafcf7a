/** Answers of Zoho People: a result in an envelope, which says by itself whether it is one. */
import { DomainError } from "../../schemas/errors.ts";
import type { VendorAnswer } from "../plugin.ts";
import { isObject, jsonOf, objectOf } from "../requests/json-messages.ts";

/** The vendor's code for a list of nothing, which it takes for an error. */
export const NO_RECORDS = 7024;

/** `result` of the envelope. Throws `EXECUTION_ERROR` where there is none. */
export function resultOf(answer: VendorAnswer): unknown {
  const { response } = objectOf(answer);
  if (isObject(response) && response.result !== undefined) return response.result;
  const errors = isObject(response) ? response.errors : undefined;
  if (isObject(errors) && Number(errors.code) === NO_RECORDS) return [];
  throw unreadable();
}

/** `[{"<id>": [{…}]}]` as `[{recordId, …}]`. */
export function recordsOf(answer: VendorAnswer): Record<string, unknown>[] {
  const result = resultOf(answer);
  // In the place of an empty list stands a text now and then.
  if (!Array.isArray(result)) return [];
  return result.filter(isObject).flatMap((byId) =>
    Object.entries(byId).map(([recordId, parts]) => {
      const [fields] = Array.isArray(parts) ? parts : [parts];
      return { recordId, ...(isObject(fields) ? fields : {}) };
    }),
  );
}

/** `{"<id>": {…}}` as `[{recordId, …}]`. */
export function leavesOf(answer: VendorAnswer): Record<string, unknown>[] {
  const { records } = objectOf(answer);
  if (!isObject(records)) throw unreadable();
  return Object.entries(records).map(([recordId, fields]) => ({
    recordId,
    ...(isObject(fields) ? fields : {}),
  }));
}

/** The id of a record that was written. */
export function writtenId(answer: VendorAnswer): { recordId: string } {
  const result = resultOf(answer);
  if (isObject(result) && result.pkId !== undefined) return { recordId: String(result.pkId) };
  throw unreadable();
}

/** What comes without an envelope: attendance. */
export function bareOf(answer: VendorAnswer): unknown {
  const value = jsonOf(answer);
  if (isObject(value) || Array.isArray(value)) return value;
  throw unreadable();
}

function unreadable(): DomainError {
  return new DomainError(
    "EXECUTION_ERROR",
    "Zoho People's answer has not the form that its API promises. Check the endpoint's address, " +
      "and what stands before it.",
  );
}
