import { createHash } from "node:crypto";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const SHORTEST = 32;

/** The key that page cursors are sealed with, made from the secret's string. */
export async function readCursorKey(secretId: string): Promise<Uint8Array> {
  const { SecretString } = await new SecretsManagerClient({}).send(
    new GetSecretValueCommand({ SecretId: secretId }),
  );
  if (!SecretString || SecretString.length < SHORTEST) {
    throw new Error(
      `The cursor secret has fewer than ${SHORTEST} characters. Deploy the stack again to ` +
        "generate it.",
    );
  }
  return createHash("sha256").update(`inlet page cursor\n${SecretString}`).digest();
}
