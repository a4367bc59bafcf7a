import { createPrivateKey, type KeyObject } from "node:crypto";
import { TokenRefused } from "./token-refused.ts";

/** RSA of 2048 bits and more, and P-256: what RS256 and ES256 sign with. */
const SHORTEST_RSA = 2048;

export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: "RS256" | "ES256";
}

/**
 * A key as vendors hand it out: PEM, PKCS 8 or PKCS 1, its line ends perhaps written as `\n`.
 * Throws `TokenRefused` for whatever else, without a word of it.
 */
export function signingKey(pem: string): SigningKey {
  const key = parsed(pem.replaceAll("\\n", "\n"));
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "rsa" && (details?.modulusLength ?? 0) >= SHORTEST_RSA)
    return { key, algorithm: "RS256" };
  if (type === "ec" && details?.namedCurve === "prime256v1") return { key, algorithm: "ES256" };
  throw new TokenRefused("CLIENT");
}

function parsed(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // What OpenSSL says may quote the key.
    throw new TokenRefused("CLIENT");
  }
}
