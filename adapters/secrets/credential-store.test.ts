import { DecryptCommand } from "@aws-sdk/client-kms";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { beforeAll, describe, expect, it } from "vitest";
import { testKey } from "../../tests/stage/emulator.ts";
import {
  type CredentialAddress,
  type CredentialStore,
  newCredentialVersion,
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
const aCredential = (password: string) => ({
  authType: "basic",
  secret: { user: "anna", password },
});

/** As the data plane reads it: the secret, its data key, its text. */
async function read(address: CredentialAddress): Promise<unknown> {
  const get = new GetSecretValueCommand({ SecretId: secretId("local", address) });
  const { SecretString = "" } = await store.secrets.send(get);
  expect(SecretString).not.toContain("canary");
  const envelope = Envelope.parse(JSON.parse(SecretString));
  const CiphertextBlob = Buffer.from(envelope.encryptedKey, "base64");
  const decrypt = new DecryptCommand({
    CiphertextBlob,
    EncryptionContext: encryptionContext(owner),
  });
  const { Plaintext = new Uint8Array() } = await store.kms.send(decrypt);
  return JSON.parse(open(envelope, owner, Plaintext));
}

describe("credentials", () => {
  it("are sealed, each by itself, and one is removed without the others", async () => {
    const first = { ...owner, versionId: newCredentialVersion() };
    const second = { ...owner, versionId: newCredentialVersion() };
    await storeCredentials(store, first, aCredential("canary-1"));
    await storeCredentials(store, second, aCredential("canary-2"));
    expect(await read(first)).toEqual(aCredential("canary-1"));
    expect(await read(second)).toEqual(aCredential("canary-2"));
    await removeCredentials(store, first);
    await expect(read(first)).rejects.toThrow();
    expect(await read(second)).toEqual(aCredential("canary-2"));
    await removeCredentials(store, first);
  });
});
