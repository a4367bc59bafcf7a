/** Stands where the data plane would: answers the next probe that is marked for the bridge. */
import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { INDEX, keys, PENDING_PK } from "../../adapters/dynamodb/keys.ts";
import { finishProbe } from "../../adapters/dynamodb/probes/progress.ts";
import type { RunProbeResult } from "../../schemas/run-probe.ts";

/** The item as it was marked, once it is answered. */
export async function finishNextProbe(
  tables: Tables,
  result: RunProbeResult,
): Promise<Record<string, unknown>> {
  for (;;) {
    const probe = await finishMarkedProbe(tables, result);
    if (probe) return probe;
    await new Promise((wake) => setImmediate(wake));
  }
}

async function finishMarkedProbe(
  tables: Tables,
  result: RunProbeResult,
): Promise<Record<string, unknown> | undefined> {
  const { Items = [] } = await tables.client.send(
    new QueryCommand({
      TableName: tables.control,
      IndexName: INDEX.pending,
      KeyConditionExpression: "pendingPk = :pk",
      ExpressionAttributeValues: { ":pk": PENDING_PK },
    }),
  );

  const probe = Items.find(
    ({ pendingKind, status }) => pendingKind === "probe" && status === "QUEUED",
  );
  if (probe)
    await finishProbe(tables, String(probe.tenantId), String(probe.probeId), result, new Date());
  return probe;
}

/** Does the work while every probe that it asks is answered so. */
export async function whileProbesAre<T>(
  tables: Tables,
  result: RunProbeResult,
  work: () => Promise<T>,
): Promise<T> {
  let working = true;
  const answering = (async () => {
    while (working) {
      await finishMarkedProbe(tables, result);
      await new Promise((wake) => setTimeout(wake, 20));
    }
  })();

  try {
    return await work();
  } finally {
    working = false;
    await answering;
  }
}

export async function findStoredProbe(tables: Tables, probeId: string, tenantId = "acme") {
  const get = new GetCommand({
    TableName: tables.control,
    Key: keys.probe(tenantId, probeId),
    ConsistentRead: true,
  });
  return (await tables.client.send(get)).Item;
}
