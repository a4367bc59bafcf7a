import { DecryptCommand } from "@aws-sdk/client-kms";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { beforeAll, describe, expect, it } from "vitest";
import { testKey } from "../../tests/emulator.ts";
import {
  type CredentialStore,
  openCredentials,
  removeCredentials,
  secretId,
  storeCredentials,
} from "./credential-store.ts";
import { Envelope, encryptionContext, open } from "./envelope.ts";

let store: CredentialStore;
beforeAll(async () => {
  store = openCredentials({ keyId: await testKey(), environment: "local" });
});

const owner = { tenantId: "acme", ownerId: "ep_1" };
const aCredential = (password: string) => ({ authType: "basic", secret: { user: "anna", password } });

/** As the data plane reads it: that version, its data key, its text. */
async function read(versionId: string): Promise<unknown> {
  const SecretId = secretId("local", owner);
  const { SecretString = "" } = await store.secrets.send(new GetSecretValueCommand({ SecretId, VersionId: versionId }));
  expect(SecretString).not.toContain("canary");
  const envelope = Envelope.parse(JSON.parse(SecretString));
  const CiphertextBlob = Buffer.from(envelope.encryptedKey, "base64");
  const decrypt = new DecryptCommand({ CiphertextBlob, EncryptionContext: encryptionContext(owner) });
  const { Plaintext = new Uint8Array() } = await store.kms.send(decrypt);
  return JSON.parse(open(envelope, owner, Plaintext));
}

describe("credentials", () => {
  it("are sealed, and every version stays readable until the owner is gone", async () => {
    const first = await storeCredentials(store, owner, aCredential("canary-1"));
    const second = await storeCredentials(store, owner, aCredential("canary-2"));
    expect(first.versionId).not.toBe(second.versionId);
    expect(await read(first.versionId)).toEqual(aCredential("canary-1"));
    expect(await read(second.versionId)).toEqual(aCredential("canary-2"));
    await removeCredentials(store, owner);
    await expect(read(second.versionId)).rejects.toThrow();
    await removeCredentials(store, owner);
    await storeCredentials(store, owner, aCredential("canary-3"));
  });
});
