/**
 * How a credential is sealed. Python opens it too (`inlet_worker`), so the format is fixed:
 *
 *     {"v": 1, "encryptedKey": b64, "iv": b64, "tag": b64, "ciphertext": b64}
 *
 * `encryptedKey` is a KMS data key, encrypted under the encryption context {tenantId, ownerId,
 * purpose: "credential"}; the rest is AES-256-GCM under it: 12 bytes of iv, 16 of tag, and
 * `<tenantId>/<ownerId>` as additional data. The plain text is the JSON of schemas/endpoint.ts
 * Credentials: {"authType": …, "secret": {…}}. The owner is an endpoint's or sink's id.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import * as z from "zod";

const Base64 = z.base64();
export const Envelope = z.strictObject({
  v: z.literal(1),
  encryptedKey: Base64,
  iv: Base64,
  tag: Base64,
  ciphertext: Base64,
});
export type Envelope = z.infer<typeof Envelope>;

export interface Owner {
  readonly tenantId: string;
  readonly ownerId: string;
}

export interface DataKey {
  readonly plaintext: Uint8Array;
  readonly encrypted: Uint8Array;
}

export const encryptionContext = ({ tenantId, ownerId }: Owner) => ({
  tenantId,
  ownerId,
  purpose: "credential",
});
const additionalData = ({ tenantId, ownerId }: Owner) => Buffer.from(`${tenantId}/${ownerId}`);

/** Seals under the data key, and wipes the key. */
export function seal(text: string, owner: Owner, key: DataKey): Envelope {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key.plaintext, iv).setAAD(additionalData(owner));
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  key.plaintext.fill(0);
  const parts = { encryptedKey: key.encrypted, iv, tag: cipher.getAuthTag(), ciphertext };
  const encoded = Object.entries(parts).map(([name, bytes]) => [
    name,
    Buffer.from(bytes).toString("base64"),
  ]);
  return { v: 1, ...Object.fromEntries(encoded) } as Envelope;
}

/**
 * Opens with the decrypted data key; throws when anything was changed, or belongs to another owner.
 */
export function open(envelope: Envelope, owner: Owner, plaintextKey: Uint8Array): string {
  const bytes = (name: "iv" | "tag" | "ciphertext") => Buffer.from(envelope[name], "base64");
  // Without the length, a tag that was cut to four bytes would do.
  const options = { authTagLength: 16 };
  const decipher = createDecipheriv("aes-256-gcm", plaintextKey, bytes("iv"), options).setAAD(
    additionalData(owner),
  );
  decipher.setAuthTag(bytes("tag"));
  return Buffer.concat([decipher.update(bytes("ciphertext")), decipher.final()]).toString("utf8");
}
