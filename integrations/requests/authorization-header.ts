import { DomainError } from "../../schemas/errors.ts";
import type { VendorRequest } from "../plugin.ts";

export function withAuthorization(request: VendorRequest, value: string): VendorRequest {
  const headers = { ...request.headers, authorization: checkedHeaderValue(value) };
  return { ...request, headers };
}

/** Throws `AUTH_ERROR`, without showing it, for a credential that no header carries. */
export function checkedHeaderValue(value: string): string {
  if (/^[\x20-\x7e]+$/.test(value)) return value;
  throw new DomainError(
    "AUTH_ERROR",
    "The credential holds a line break, or a character that no header carries. Store it again " +
      "without one.",
  );
}

/** A value of the credential. Throws `AUTH_ERROR` naming what is missing. */
export function secretValue(secret: Readonly<Record<string, string>>, name: string): string {
  const value = secret[name];
  if (value !== undefined && value !== "") return value;
  throw new DomainError(
    "AUTH_ERROR",
    `The credential lacks \`${name}\`. Store it again with that value.`,
  );
}
