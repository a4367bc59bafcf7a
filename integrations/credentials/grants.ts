/**
 * Grants: who may read whose credential, for what, until when. Whoever hands out work signs one
 * beside it; the broker believes nothing else (decision 26).
 */
import { errors, jwtVerify, SignJWT } from "jose";
import { CredentialGrant } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";

const ALGORITHM = "HS256";
/** A token of ours that is signed for something else is no grant. */
const TYPE = "inlet-grant+jwt";

/** A JWS in compact form: it is no secret to its holder, and of use to nobody after `exp`. */
export function signGrant(key: Uint8Array, claims: CredentialGrant): Promise<string> {
  return new SignJWT({ ...CredentialGrant.parse(claims) })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .sign(key);
}

/** The claims. Throws `FORBIDDEN` for whatever was not signed with this key, or has expired. */
export async function verifyGrant(
  key: Uint8Array,
  text: string,
  now: Date,
): Promise<CredentialGrant> {
  try {
    const { payload } = await jwtVerify(text, key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      requiredClaims: ["exp"],
      currentDate: now,
    });
    return CredentialGrant.parse(payload);
  } catch (cause) {
    throw new DomainError("FORBIDDEN", refusal(cause), {}, { cause });
  }
}

const refusal = (cause: unknown) =>
  cause instanceof errors.JWTExpired
    ? "The grant to read the credential has expired. Start the work again."
    : "The grant to read the credential is not valid. Start the work again.";
