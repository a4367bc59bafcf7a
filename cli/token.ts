/**
 * What a token says of itself: who, as what, until when. Read to explain a refusal; nothing is
 * decided by it.
 */
import { Buffer } from "node:buffer";

export interface TokenFacts {
  /** E-mail or name; undefined when the token has neither. */
  readonly name: string | undefined;
  readonly roles: readonly string[];
  readonly expiresAt: Date | undefined;
}

/** Undefined when the token cannot be read. */
export function tokenFacts(token: string | null): TokenFacts | undefined {
  const claims = claimsOf(token?.split(".")[1] ?? "");
  if (!claims) return undefined;
  const { exp, email, name, "cognito:username": username, "cognito:groups": groups } = claims;
  return {
    name: [email, name, username].find(
      (claim): claim is string => typeof claim === "string" && claim !== "",
    ),
    roles: Array.isArray(groups) ? groups.map(String) : [],
    expiresAt: typeof exp === "number" && exp < 1e11 ? new Date(exp * 1000) : undefined,
  };
}

function claimsOf(part: string): Record<string, unknown> | undefined {
  try {
    const claims = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
