import { DecryptCommand } from "@aws-sdk/client-kms";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { Credentials } from "../../schemas/endpoint.ts";
import type { CredentialAddress, CredentialStore } from "./credential-store.ts";
import { secretId } from "./credential-store.ts";
import { Envelope, encryptionContext, type Owner, open } from "./envelope.ts";

/**
 * Opens a stored credential; undefined when there is none. Throws for one that was changed, or that
 * is another owner's. Only the broker may.
 */
export async function findCredentials(
  store: CredentialStore,
  address: CredentialAddress,
): Promise<Credentials | undefined> {
  const sealed = await findSealed(store, address);
  return sealed && Credentials.parse(JSON.parse(await openEnvelope(store, address, sealed)));
}

/** Opens what was sealed for this owner. */
export async function openEnvelope(
  { kms }: Pick<CredentialStore, "kms">,
  { tenantId, ownerId }: Owner,
  envelope: Envelope,
): Promise<string> {
  const owner = { tenantId, ownerId };
  const { Plaintext } = await kms.send(
    new DecryptCommand({
      CiphertextBlob: Buffer.from(envelope.encryptedKey, "base64"),
      EncryptionContext: encryptionContext(owner),
    }),
  );
  if (!Plaintext) throw new Error("KMS opened no data key.");
  return open(envelope, owner, Plaintext);
}

async function findSealed(
  store: CredentialStore,
  address: CredentialAddress,
): Promise<Envelope | undefined> {
  try {
    const SecretId = secretId(store.environment, address);
    const { SecretString = "" } = await store.secrets.send(new GetSecretValueCommand({ SecretId }));
    return Envelope.parse(JSON.parse(SecretString));
  } catch (error) {
    if (error instanceof Error && GONE.has(error.name)) return undefined;
    throw error;
  }
}

/** No such secret, or one that is marked for deletion. */
const GONE = new Set(["ResourceNotFoundException", "InvalidRequestException"]);
