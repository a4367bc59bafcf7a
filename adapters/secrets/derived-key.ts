import { createHash } from "node:crypto";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

const SHORTEST = 32;

/** A key of 32 bytes, made from a secret's string for one purpose alone. */
export async function readDerivedKey(secretId: string, purpose: string): Promise<Uint8Array> {
  const { SecretString } = await new SecretsManagerClient({}).send(
    new GetSecretValueCommand({ SecretId: secretId }),
  );
  if (!SecretString || SecretString.length < SHORTEST) {
    throw new Error(
      `The secret of the ${purpose} has fewer than ${SHORTEST} characters. Deploy the stack ` +
        "again to generate it.",
    );
  }
  return createHash("sha256").update(`inlet ${purpose}\n${SecretString}`).digest();
}
