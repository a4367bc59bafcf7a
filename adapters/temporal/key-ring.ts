import { DecryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";

/**
 * The payload keys of an environment: `current` encrypts, every kept one decrypts. Each is 32
 * bytes.
 */
export interface KeyRing {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

const RingDocument = z.object({
  current: z.string().min(1),
  keys: z.record(z.string(), z.string()),
});
const WRAPPED = "kms:";
/** Bound into every wrapped key, so that no other ciphertext of the KMS key can pass for one. */
const WRAP_CONTEXT = { purpose: "inlet-temporal-payload" };

/**
 * Reads the ring from the value of `INLET_PAYLOAD_KEY`: either the document itself, `{"current",
 * "keys": {id: base64}}`, or the name or ARN of the secret that holds it. A key written
 * `kms:<base64>` is unwrapped by KMS.
 */
export async function readKeyRing(value: string): Promise<KeyRing> {
  const text = value.trimStart().startsWith("{") ? value : await readSecret(value);
  const document = RingDocument.parse(JSON.parse(text));
  const keys = new Map<string, Uint8Array>();
  for (const [id, key] of Object.entries(document.keys)) keys.set(id, await unwrap(id, key));
  if (!keys.has(document.current))
    throw new Error(`The payload key ring lacks its current key ${document.current}.`);
  return { current: document.current, keys };
}

async function readSecret(secretId: string): Promise<string> {
  const { SecretString } = await new SecretsManagerClient({}).send(
    new GetSecretValueCommand({ SecretId: secretId }),
  );
  if (!SecretString)
    throw new Error("The secret that INLET_PAYLOAD_KEY names has no string value.");
  return SecretString;
}

async function unwrap(id: string, key: string): Promise<Uint8Array> {
  const plain = key.startsWith(WRAPPED)
    ? (
        await new KMSClient({}).send(
          new DecryptCommand({
            CiphertextBlob: Buffer.from(key.slice(WRAPPED.length), "base64"),
            EncryptionContext: WRAP_CONTEXT,
          }),
        )
      ).Plaintext
    : Buffer.from(key, "base64");
  if (plain?.length !== 32) throw new Error(`The payload key ${id} is not 32 bytes long.`);
  return plain;
}
