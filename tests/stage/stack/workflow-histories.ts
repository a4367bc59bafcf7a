/** Every workflow's history, as Temporal keeps it and as the payload codec decrypts it. */
import type { Client } from "@temporalio/client";
import type { Payload, PayloadCodec } from "@temporalio/common";
import proto from "@temporalio/proto";
import { openClaimStore } from "../../../adapters/temporal/claim-store.ts";
import { openTemporal } from "../../../adapters/temporal/client.ts";
import { createCodec } from "../../../adapters/temporal/codec.ts";
import { readKeyRing } from "../../../adapters/temporal/key-ring.ts";
import { paths } from "../../../local/paths.ts";
import { readJson } from "../../../local/processes.ts";
import { readStack } from "../../../local/stack-file.ts";
import { ENV } from "../../../schemas/names.ts";
import type { Trace } from "../stored.ts";
import { stackS3, workerEnvironment } from "./staging.ts";

const { History } = proto.temporal.api.history.v1;
type History = proto.temporal.api.history.v1.IHistory;

export async function* rawHistories(): AsyncIterable<Trace> {
  const { client } = await openHistories();
  for await (const { where, history } of histories(client)) {
    yield { where, bytes: where };
    yield { where, bytes: History.encode(history).finish() };
  }
}

export async function* decryptedHistories(): AsyncIterable<Trace> {
  const { client, codec } = await openHistories();
  for await (const { where, history } of histories(client)) {
    for (const payload of await codec.decode(payloadsIn(history)))
      yield { where, bytes: payload.data ?? "" };
  }
}

/** A client of the stack's Temporal that reads what our payload codec wrote. */
export async function openHistories(): Promise<{ client: Client; codec: PayloadCodec }> {
  const ring = await readKeyRing(JSON.stringify(readJson(paths.keys)));
  const bucket = workerEnvironment("typescriptWorker")[ENV.stagingBucket] ?? "";
  const codec = createCodec(ring, openClaimStore(bucket, stackS3()));
  const settings = { namespace: "default", connection: { address: readStack().temporalAddress } };
  return { client: openTemporal(settings, codec), codec };
}

async function* histories(client: Client): AsyncIterable<{ where: string; history: History }> {
  try {
    for await (const { workflowId, runId } of client.workflow.list()) {
      yield {
        where: workflowId,
        history: await client.workflow.getHandle(workflowId, runId).fetchHistory(),
      };
    }
  } finally {
    await client.connection.close();
  }
}

/** Payloads wherever they are: inputs, results, failures, memos. */
function payloadsIn(value: unknown): Payload[] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [];
  const { metadata, data } = value as Payload;
  if (metadata && "encoding" in metadata && data instanceof Uint8Array) return [value as Payload];
  return Object.values(value).flatMap(payloadsIn);
}
