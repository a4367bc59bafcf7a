/**
 * Payload codec of decision 3; the Python service implements the same bytes, and both test
 * `schemas/examples/codec/vectors.json`.
 *
 * Encrypted: metadata `encoding` = `binary/encrypted`, `encryption-key-id` = the key's id; data =
 * iv (12 bytes) ‖ ciphertext ‖ tag (16 bytes) of AES-256-GCM over the protobuf bytes of the whole
 * payload (metadata and data), with the key id in UTF-8 as additional data.
 *
 * Claimed, when the encrypted payload's protobuf bytes exceed 64 KiB: those bytes are the object
 * `claim/<sha256 hex>` of the staging bucket, metadata `encoding` = `binary/claimed`, data = JSON
 * `{key, sha256, length}`; both are verified on reading. The key needs no tenant, since the object
 * is encrypted and named by what it holds.
 *
 * Payloads of any other encoding pass unchanged: the orchestrator's own are not ours.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { Payload, PayloadCodec } from "@temporalio/common";
import proto from "@temporalio/proto";
import * as z from "zod";
import { PAYLOAD_ENCODING, PREFIX } from "../../schemas/names.ts";
import type { KeyRing } from "./key-ring.ts";

/** Where claimed payloads live. */
export interface ClaimStore {
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array>;
}

const CLAIM_ABOVE_BYTES = 64 * 1024;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = "aes-256-gcm";
const ProtoPayload = proto.temporal.api.common.v1.Payload;
const Claim = z.object({ key: z.string(), sha256: z.string(), length: z.int() });

/** Without a claim store nothing is claimed, and reading a claimed payload fails. */
export function createCodec(ring: KeyRing, claims?: ClaimStore): PayloadCodec {
  return {
    encode: (payloads) =>
      Promise.all(payloads.map((p) => claimLarge(encryptPayload(ring, p), claims))),
    decode: (payloads) =>
      Promise.all(payloads.map(async (p) => decryptPayload(ring, await redeem(p, claims)))),
  };
}

/** `iv` is given by tests only: one key must never see an iv twice. */
export function encryptPayload(
  ring: KeyRing,
  payload: Payload,
  iv: Uint8Array = randomBytes(IV_BYTES),
): Payload {
  const cipher = createCipheriv(CIPHER, keyOf(ring, ring.current), iv, {
    authTagLength: TAG_BYTES,
  });
  cipher.setAAD(Buffer.from(ring.current));
  const plain = ProtoPayload.encode(payload).finish();
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);

  return {
    metadata: {
      encoding: Buffer.from(PAYLOAD_ENCODING.encrypted),
      "encryption-key-id": Buffer.from(ring.current),
    },
    data,
  };
}

function decryptPayload(ring: KeyRing, payload: Payload): Payload {
  if (encodingOf(payload) !== PAYLOAD_ENCODING.encrypted) return payload;
  const keyId = text(payload.metadata?.["encryption-key-id"]);
  const data = payload.data ?? new Uint8Array();
  const decipher = createDecipheriv(CIPHER, keyOf(ring, keyId), data.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(keyId));
  decipher.setAuthTag(data.subarray(data.length - TAG_BYTES));
  const sealed = data.subarray(IV_BYTES, data.length - TAG_BYTES);
  return ProtoPayload.decode(Buffer.concat([decipher.update(sealed), decipher.final()]));
}

async function claimLarge(payload: Payload, claims: ClaimStore | undefined): Promise<Payload> {
  const bytes = ProtoPayload.encode(payload).finish();
  if (!claims || bytes.length <= CLAIM_ABOVE_BYTES) return payload;
  const sha256 = hash(bytes);
  const claim = { key: `${PREFIX.claim}/${sha256}`, sha256, length: bytes.length };
  await claims.put(claim.key, bytes);
  return {
    metadata: { encoding: Buffer.from(PAYLOAD_ENCODING.claimed) },
    data: Buffer.from(JSON.stringify(claim)),
  };
}

async function redeem(payload: Payload, claims: ClaimStore | undefined): Promise<Payload> {
  if (encodingOf(payload) !== PAYLOAD_ENCODING.claimed) return payload;
  const claim = Claim.parse(JSON.parse(text(payload.data)));
  if (!claims)
    throw new Error(`The payload is claimed (${claim.key}), and this process has no claim store.`);
  const bytes = await claims.get(claim.key);
  if (bytes.length !== claim.length || hash(bytes) !== claim.sha256) {
    throw new Error(`The claimed payload ${claim.key} is not what was put there.`);
  }
  return ProtoPayload.decode(bytes);
}

function keyOf(ring: KeyRing, id: string): Uint8Array {
  const key = ring.keys.get(id);
  if (!key)
    throw new Error(
      `The payload key ${id} is not in the ring. Keep old keys as long as histories live.`,
    );
  return key;
}

const encodingOf = (payload: Payload) => text(payload.metadata?.encoding);
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString("utf8");
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
