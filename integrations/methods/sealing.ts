/**
 * How parameters and answers are sealed where they are kept for a while: they may be personal data,
 * and backups hold the tables. AES-256-GCM under a key of the endpoint's own, derived from one that
 * the processes share; whoever changes that secret empties what is kept.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";

export interface SealedFor {
  readonly tenantId: string;
  readonly endpointId: string;
  /** What the value is: it opens as nothing else. */
  readonly as: string;
}

const IV = 12;
const TAG = 16;
/** Nothing that we seal is larger. */
const LARGEST = 50_000_000;

export function sealJson(
  key: Uint8Array,
  owner: SealedFor,
  value: unknown,
): Uint8Array<ArrayBuffer> {
  const iv = randomBytes(IV);
  const cipher = createCipheriv("aes-256-gcm", keyOf(key, owner), iv).setAAD(boundTo(owner));
  const text = deflateRawSync(JSON.stringify(value ?? null));
  return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined for what another key, or another owner, sealed, and for what was changed. */
export function openJson(key: Uint8Array, owner: SealedFor, sealed: Uint8Array): unknown {
  const bytes = Buffer.from(sealed);
  try {
    const iv = bytes.subarray(0, IV);
    const options = { authTagLength: TAG };
    const decipher = createDecipheriv("aes-256-gcm", keyOf(key, owner), iv, options);
    decipher.setAAD(boundTo(owner)).setAuthTag(bytes.subarray(-TAG));
    const text = Buffer.concat([decipher.update(bytes.subarray(IV, -TAG)), decipher.final()]);
    return JSON.parse(inflateRawSync(text, { maxOutputLength: LARGEST }).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** A name for a text that tells nothing of it to whoever has not the key. */
export function nameOf(key: Uint8Array, owner: SealedFor, text: string): Buffer {
  return createHmac("sha256", keyOf(key, owner)).update(boundTo(owner)).update(text).digest();
}

const keyOf = (key: Uint8Array, { tenantId, endpointId }: SealedFor) =>
  Buffer.from(hkdfSync("sha256", key, "", `inlet calls\n${tenantId}\n${endpointId}`, 32));

const boundTo = ({ tenantId, endpointId, as }: SealedFor) =>
  Buffer.from(JSON.stringify([tenantId, endpointId, as]));
