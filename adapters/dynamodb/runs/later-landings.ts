import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { LaterLanding } from "../../../core/replay-rules.ts";
import type { Run } from "../../../schemas/run.ts";
import type { Tables } from "../client.ts";
import { INDEX, runsByUnit } from "../keys.ts";
import { StoredRun } from "./items.ts";

/**
 * Runs of the same unit that landed in the same sink after this one was queued, oldest first;
 * replays, which land nothing new, left out.
 */
export async function listLaterLandings(tables: Tables, run: Run): Promise<LaterLanding[]> {
  const { tenantId, endpointId, unitId, queuedAt, runId, sinkId } = run;
  const found: LaterLanding[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await tables.client.send(
      new QueryCommand({
        TableName: tables.control,
        IndexName: INDEX.byUnit,
        KeyConditionExpression: "gsi2pk = :pk AND gsi2sk > :sk",
        FilterExpression:
          "committedSlice >= :first AND sinkId = :sinkId AND (attribute_not_exists(replayOf) OR replayOf = :null)",
        ExpressionAttributeValues: {
          ":pk": runsByUnit(tenantId, endpointId, unitId),
          ":sk": `${queuedAt}#${runId}`,
          ":first": 0,
          ":sinkId": sinkId,
          ":null": null,
        },
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    for (const item of page.Items ?? []) {
      const { runId: later, mode, redrive } = StoredRun.parse(item);
      found.push({ runId: later, mode, redrive: redrive !== null });
    }
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return found;
}
