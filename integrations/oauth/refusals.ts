/** What is said of an authorization that failed: our words, and of the vendor's only a known code. */
import { DomainError } from "../../schemas/errors.ts";
import type { TokenRefused } from "../credentials/token-refused.ts";

/**
 * OAuth's registered codes (RFC 6749 4.1.2.1 and 5.2, RFC 9126, OpenID Connect Core 3.1.2.6), and
 * those of GitHub and Zoho.
 */
const CODES = new Set([
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "unsupported_response_type",
  "invalid_scope",
  "access_denied",
  "server_error",
  "temporarily_unavailable",
  "interaction_required",
  "login_required",
  "account_selection_required",
  "consent_required",
  "invalid_target",
  "bad_verification_code",
  "incorrect_client_credentials",
  "redirect_uri_mismatch",
  "application_suspended",
  "invalid_code",
  "invalid_client_secret",
  "invalid_redirect_uri",
]);

/** The vendor's code where it is a known one: what else it wrote is nobody's to see. */
export const knownCode = (said: unknown): string | undefined =>
  typeof said === "string" && CODES.has(said) ? said : undefined;

const AGAIN = "Begin again: POST /endpoints/{endpointId}/oauth/authorize.";

export const invalidState = () =>
  new DomainError("VALIDATION_ERROR", `Invalid state parameter. ${AGAIN}`);
export const stateExpired = () =>
  new DomainError("VALIDATION_ERROR", `OAuth state expired. ${AGAIN}`);

/** The vendor gave no code. */
export const declined = (said: string) =>
  new DomainError(
    "AUTH_ERROR",
    `The vendor did not grant access${reason(knownCode(said))}. ${AGAIN}`,
  );

const WORDS: Readonly<Record<TokenRefused["fault"], string>> = {
  GRANT: "The vendor refused the authorization",
  CLIENT: "The vendor refused the client. Correct clientId and clientSecret",
  BUSY: "The vendor gives no more tokens for the moment",
  UNAVAILABLE: "The vendor could not be asked for tokens",
  UNCLEAR: "The vendor did not answer whether it gave tokens",
  UNEXPECTED: "The vendor's answer was none that can be read",
};

/** `code`: what the vendor said, where it is a known one. */
export const noTokens = (cause: TokenRefused, code: string | undefined) =>
  new DomainError("AUTH_ERROR", `${WORDS[cause.fault]}${reason(code)}. ${AGAIN}`, {}, { cause });

export const siteFailure = (words: string) => new DomainError("AUTH_ERROR", `${words}. ${AGAIN}`);

/** Shown while the code is exchanged, and for good where that is cut off. */
export const INTERRUPTED = {
  code: "AUTH_ERROR",
  message: `The authorization is being finished. If this stays, it was interrupted. ${AGAIN}`,
  retryable: false,
} as const;

const reason = (code: string | undefined) => (code === undefined ? "" : ` (${code})`);
