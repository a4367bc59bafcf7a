/**
 * Looks for planted texts in everything that the stack keeps or says: log files, Lambda logs,
 * objects, items, stored secrets, workflow histories as they are stored and as they decrypt.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { paths } from "../../../local/paths.ts";
import { itemsIn, objectsIn, secretsIn, type Trace } from "../stored.ts";
import { lambdaLogs } from "./lambda-logs.ts";
import { stackS3, workerEnvironment } from "./staging.ts";
import { decryptedHistories, rawHistories } from "./workflow-histories.ts";

const objects = () => objectsIn(stackS3());
const items = () => itemsIn(new DynamoDBClient(stackAws()));
const storedSecrets = () => secretsIn(new SecretsManagerClient(stackAws()));

export const PLACES = {
  "log files": logFiles,
  "Lambda logs": lambdaLogs,
  objects,
  items,
  "stored secrets": storedSecrets,
  "histories as stored": rawHistories,
  "histories decrypted": decryptedHistories,
} as const satisfies Record<string, () => AsyncIterable<Trace> | Iterable<Trace>>;

/** Every trace that holds one of the texts, plain or in one of the forms in which texts travel. */
export async function findTraces(
  traces: AsyncIterable<Trace> | Iterable<Trace>,
  texts: readonly string[],
): Promise<{ where: string; text: string }[]> {
  const found: { where: string; text: string }[] = [];
  const needles = texts.flatMap((text) => formsOf(text).map((form) => ({ text, form })));
  for await (const { where, bytes } of traces) {
    const held = typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1");
    for (const { text, form } of needles) if (held.includes(form)) found.push({ where, text });
  }
  return found;
}

/**
 * The text, its hex, and what base64 makes of it at each of the three places where it may stand in
 * a longer text.
 */
export function formsOf(text: string): string[] {
  const raw = Buffer.from(text);
  const inside = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), raw])
      .toString("base64")
      .replace(/=+$/, "");
    return encoded.slice([0, 2, 3][shift], Math.floor(((shift + raw.length) * 8) / 6) - 1);
  });
  return [text, raw.toString("hex"), ...inside];
}

function* logFiles(): Iterable<Trace> {
  for (const name of readdirSync(paths.logs))
    yield { where: name, bytes: readFileSync(join(paths.logs, name)) };
}

/** Where the stack's AWS is, for any client. */
export function stackAws() {
  const { AWS_ENDPOINT_URL: endpoint = "", AWS_REGION: region = "" } =
    workerEnvironment("pythonWorker");
  return { endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
}
