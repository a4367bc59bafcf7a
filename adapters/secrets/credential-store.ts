import { randomUUID } from "node:crypto";
import { GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { Credentials } from "../../schemas/endpoint.ts";
import type { CredentialAddress } from "../dynamodb/credentials/unowned.ts";
import { type Envelope, encryptionContext, type Owner, seal } from "./envelope.ts";

export type { CredentialAddress };

/**
 * Where credentials are kept: each in a secret of its own,
 * `inlet/<environment>/<tenantId>/<ownerId>/<versionId>`, sealed (`envelope.ts`). Which one counts
 * is the owner's item to say (`credentialVersion`). One secret for each, so that one can be removed
 * without a look at the others, which somebody may be writing at this moment (docs/adr/0021).
 */
export interface CredentialStore {
  readonly secrets: SecretsManagerClient;
  readonly kms: KMSClient;
  readonly keyId: string;
  readonly environment: string;
}

export function openCredentials(options: { keyId: string; environment: string }): CredentialStore {
  return { secrets: new SecretsManagerClient({}), kms: new KMSClient({}), ...options };
}

/** As much of the store as removing takes. */
export function openRemoval(environment: string): Pick<CredentialStore, "secrets" | "environment"> {
  return { secrets: new SecretsManagerClient({}), environment };
}

export const secretId = (
  environment: string,
  { tenantId, ownerId, versionId }: CredentialAddress,
) => `inlet/${environment}/${tenantId}/${ownerId}/${versionId}`;

/**
 * A version that nobody else gives: it is known before the secret is written, so that what is
 * written can be found.
 */
export const newCredentialVersion = (): string => randomUUID();

/** Seals and stores. Until the owner points at it, nobody reads it. */
export async function storeCredentials(
  store: CredentialStore,
  address: CredentialAddress,
  credentials: Credentials,
): Promise<void> {
  const sealed = await sealText(store, address, JSON.stringify(credentials));
  await store.secrets.send(
    new CreateSecretCommand({
      Name: secretId(store.environment, address),
      SecretString: JSON.stringify(sealed),
    }),
  );
}

/** Stores others in the place of what nothing points at yet, and so nobody has read. */
export async function replaceOffered(
  store: CredentialStore,
  address: CredentialAddress,
  credentials: Credentials,
): Promise<void> {
  const sealed = await sealText(store, address, JSON.stringify(credentials));
  await store.secrets.send(
    new PutSecretValueCommand({
      SecretId: secretId(store.environment, address),
      SecretString: JSON.stringify(sealed),
    }),
  );
}

/** Seals under a data key of its own. It opens for this owner only. */
export async function sealText(
  { kms, keyId }: Pick<CredentialStore, "kms" | "keyId">,
  { tenantId, ownerId }: Owner,
  text: string,
): Promise<Envelope> {
  const owner = { tenantId, ownerId };
  const { Plaintext, CiphertextBlob } = await kms.send(
    new GenerateDataKeyCommand({
      KeyId: keyId,
      KeySpec: "AES_256",
      EncryptionContext: encryptionContext(owner),
    }),
  );
  if (!Plaintext || !CiphertextBlob) throw new Error("KMS gave no data key.");
  return seal(text, owner, { plaintext: Plaintext, encrypted: CiphertextBlob });
}

/** Removes one stored credential at once. Quiet when there is none. */
export async function removeCredentials(
  store: Pick<CredentialStore, "secrets" | "environment">,
  address: CredentialAddress,
): Promise<void> {
  const SecretId = secretId(store.environment, address);
  try {
    await store.secrets.send(
      new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }),
    );
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === "ResourceNotFoundException")) throw cause;
  }
}
