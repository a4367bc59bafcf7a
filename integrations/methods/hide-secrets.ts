/**
 * Values of a credential, taken out of what a vendor says: its error may repeat what it was sent,
 * and so may its answer.
 */
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import type { VendorAnswer, VendorRequest } from "../plugin.ts";

/** Parts of a credential that are no secret: a vendor's records are full of them. */
const NO_SECRETS = new Set([
  "accessKeyId",
  "accountId",
  "clientId",
  "email",
  "expiresAt",
  "login",
  "region",
  "scope",
  "tokenType",
  "user",
  "username",
]);
/** Headers that a credential is put in, by their names. Dates and hashes are signed beside it. */
const CARRIES = /auth|cookie|key|secret|signature|token/i;
/** A shorter one is found everywhere by chance. */
const SHORTEST = 6;
const HIDDEN = "[hidden]";

/** In every spelling that a request has them in: as they are, in a URL, in a header, in hex. */
export function secretsOf(
  credential: BrokeredCredential,
  plain: VendorRequest,
  authorized: VendorRequest,
): readonly string[] {
  const values = Object.entries(credential.secret).flatMap(([name, value]) =>
    NO_SECRETS.has(name) ? [] : [value],
  );
  const headers = Object.entries(authorized.headers).flatMap(([name, value]) =>
    plain.headers[name] === value || !CARRIES.test(name)
      ? []
      : [value, ...value.split(/\s+/).slice(1)],
  );
  const found = [...values, ...headers].filter((value) => value.length >= SHORTEST);
  const spelled = found.flatMap((value) => [
    value,
    encodeURIComponent(value),
    quoted(value),
    // A vendor's message that repeats a body is a JSON text in another one.
    quoted(quoted(value)),
    Buffer.from(value).toString("base64"),
    Buffer.from(value).toString("hex"),
  ]);
  // The longest first: one may hold another.
  return [...new Set(spelled)].sort((a, b) => b.length - a.length);
}

const quoted = (value: string) => JSON.stringify(value).slice(1, -1);

export function hideIn(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
}

/** The answer itself where it repeats none of them, which is nearly always. */
export function hideInAnswer(answer: VendorAnswer, secrets: readonly string[]): VendorAnswer {
  const body = Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.byteLength);
  const inBody = secrets.some((secret) => body.includes(secret));
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, hideIn(value, secrets)]),
  );
  if (!inBody) return { ...answer, headers };

  // Byte by byte: what else is in the body stays as it is, text or not.
  const spelled = secrets.map((secret) => Buffer.from(secret).toString("latin1"));
  const hidden = hideIn(body.toString("latin1"), spelled);
  return { ...answer, headers, body: Buffer.from(hidden, "latin1") };
}
