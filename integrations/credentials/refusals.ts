/** What whoever asked for a credential is told when there is none. Nothing of it is the vendor's. */
import { DomainError } from "../../schemas/errors.ts";
import type { TokenFault } from "./token-refused.ts";

const AGAIN = "Authorise the endpoint again, or store other credentials with PUT …/credentials.";

/** Of a refusal that counts: the vendor was asked, and asked once more. */
export function refusalText(fault: "GRANT" | "CLIENT", interrupted: boolean): string {
  if (fault === "CLIENT") return `The vendor does not take the app's id, secret or key. ${AGAIN}`;
  if (interrupted)
    return (
      "A renewal of the credentials was interrupted after the vendor had been asked, and the " +
      `vendor takes what is stored no more. ${AGAIN}`
    );
  return `The vendor renews the credentials no more. ${AGAIN}`;
}

const PASSING: Readonly<Record<Exclude<TokenFault, "GRANT" | "CLIENT">, DomainError>> = {
  BUSY: new DomainError(
    "SOURCE_UNAVAILABLE",
    "The vendor gives no more access tokens for now. Try again in a few minutes.",
  ),
  UNAVAILABLE: new DomainError(
    "SOURCE_UNAVAILABLE",
    "The vendor's token endpoint cannot be reached. Try again later.",
  ),
  UNCLEAR: new DomainError(
    "SOURCE_UNAVAILABLE",
    "The vendor's token endpoint was asked and did not answer: it may have renewed the " +
      "credentials. The next reading finds out. Try again.",
    { outcome: "UNKNOWN" },
  ),
  UNEXPECTED: new DomainError(
    "UNEXPECTED_RESPONSE",
    "The vendor's token endpoint gave no token, or its address may not be connected to. Check " +
      "the endpoint's config and its app at the vendor.",
  ),
};

export const passingRefusal = (fault: keyof typeof PASSING): DomainError => {
  const { code, message, details } = PASSING[fault];
  return new DomainError(code, message, details);
};

export const noToken = () =>
  new DomainError("AUTH_ERROR", `The endpoint is not authorised. ${AGAIN}`);

export const noneNewer = () =>
  new DomainError(
    "AUTH_ERROR",
    "The source refuses the credentials, and there are no newer ones. Store others with PUT " +
      "…/credentials.",
  );

export const justMade = () =>
  new DomainError(
    "AUTH_ERROR",
    "The source refuses a token that is less than a minute old: another would be refused, too. " +
      "Check what the account may do.",
  );

export const tooLong = () =>
  new DomainError(
    "TIMEOUT",
    "The credentials are being renewed, and that takes too long. Try again.",
  );
