import { GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import type { Credentials } from "../../schemas/endpoint.ts";
import { encryptionContext, type Owner, seal } from "./envelope.ts";

/**
 * Where credentials are kept: one secret per owner, `inlet/<environment>/<tenantId>/<ownerId>`, whose versions hold the
 * sealed value (`envelope.ts`). Which version counts is the owner's item to say (`credentialVersion`), never a stage label.
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

export const secretId = (environment: string, { tenantId, ownerId }: Owner) =>
  `inlet/${environment}/${tenantId}/${ownerId}`;

/** Seals and stores; answers the version to point at. Until somebody points at it, nobody reads it. */
export async function storeCredentials(
  store: CredentialStore,
  owner: Owner,
  credentials: Credentials,
): Promise<{ versionId: string }> {
  const { Plaintext, CiphertextBlob } = await store.kms.send(
    new GenerateDataKeyCommand({
      KeyId: store.keyId,
      KeySpec: "AES_256",
      EncryptionContext: encryptionContext(owner),
    }),
  );
  if (!Plaintext || !CiphertextBlob) throw new Error("KMS gave no data key.");
  const sealed = seal(JSON.stringify(credentials), owner, { plaintext: Plaintext, encrypted: CiphertextBlob });
  const versionId = await putVersion(store, secretId(store.environment, owner), JSON.stringify(sealed));
  return { versionId };
}

/**
 * Gives the version that counts back the label that a refused one took: Secrets Manager may forget versions that bear none.
 * Quiet when somebody stored another one meanwhile: that one is being tried, too.
 */
export async function relabelCredentials(
  store: Pick<CredentialStore, "secrets" | "environment">,
  owner: Owner,
  { counts, refused }: { readonly counts: string; readonly refused: string },
): Promise<void> {
  const label = { VersionStage: "AWSCURRENT", MoveToVersionId: counts, RemoveFromVersionId: refused };
  try {
    await store.secrets.send(
      new UpdateSecretVersionStageCommand({ SecretId: secretId(store.environment, owner), ...label }),
    );
  } catch (cause) {
    if (!isNamed(cause, "InvalidParameterException")) throw cause;
  }
}

/** Removes all versions at once: the owner is gone. Quiet when there was none. */
export async function removeCredentials(
  store: Pick<CredentialStore, "secrets" | "environment">,
  owner: Owner,
): Promise<void> {
  const SecretId = secretId(store.environment, owner);
  try {
    await store.secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  } catch (cause) {
    if (!isNamed(cause, "ResourceNotFoundException")) throw cause;
  }
}

async function putVersion(store: CredentialStore, name: string, SecretString: string): Promise<string> {
  try {
    return versionOf(await store.secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString })));
  } catch (cause) {
    if (!isNamed(cause, "ResourceNotFoundException")) throw cause;
  }
  try {
    return versionOf(await store.secrets.send(new CreateSecretCommand({ Name: name, SecretString })));
  } catch (cause) {
    // Somebody created it between the two calls.
    if (!isNamed(cause, "ResourceExistsException")) throw cause;
    return versionOf(await store.secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString })));
  }
}

function versionOf({ VersionId }: { VersionId?: string | undefined }): string {
  if (!VersionId) throw new Error("Secrets Manager gave no version id.");
  return VersionId;
}

const isNamed = (cause: unknown, name: string) => cause instanceof Error && cause.name === name;
