import { createHash } from "node:crypto";
import type { IdempotentRequest } from "../../adapters/dynamodb/requests/idempotency.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { DomainError } from "../../schemas/errors.ts";

/**
 * What a repetition is recognised by; undefined without a key. Throws `VALIDATION_ERROR` for a key
 * that is not one.
 */
export function idempotentRequest(
  route: string,
  key: string | undefined,
  request: unknown,
): IdempotentRequest | undefined {
  if (key === undefined) return undefined;
  if (/^[\x21-\x7e]{1,128}$/.test(key)) return { route, key, requestHash: hash(request) };
  const errors = [
    { path: "headers.idempotency-key", message: "must be 1 to 128 visible ASCII characters" },
  ];
  const remedy = "Send 1 to 128 visible ASCII characters.";
  throw new DomainError("VALIDATION_ERROR", `Idempotency-Key is not valid. ${remedy}`, { errors });
}

/**
 * Of the parsed request, so that spacing and the order of properties do not make it another one.
 */
const hash = (request: unknown) =>
  createHash("sha256").update(canonicalJson(request)).digest("hex");
