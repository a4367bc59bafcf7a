import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";

const MINUTE_MS = 60_000;
const RACES = 10;

/**
 * Takes `tokens` out of the tenant's bucket, which holds a minute's worth and refills evenly.
 * Answers 0 when they were there, else in how many ms they will be. The bucket is one instant: when
 * it will be full again (the generic cell rate algorithm), so that taking is a single conditional
 * write and nothing has to fill it.
 */
export async function takeTokens(
  tables: Tables,
  tenantId: string,
  { tokens, perMinute }: { readonly tokens: number; readonly perMinute: number },
  now: Date,
): Promise<number> {
  const nowMs = now.getTime();
  const costMs = (tokens * MINUTE_MS) / perMinute;
  const latestMs = nowMs + MINUTE_MS - costMs;
  for (let race = 1; race <= RACES; race++) {
    const draining = await setFullAt(
      tables,
      tenantId,
      "fullAt + :cost",
      "fullAt BETWEEN :now AND :latest",
      {
        ":cost": costMs,
        ":now": nowMs,
        ":latest": latestMs,
      },
    );
    if (draining === "TAKEN") return 0;
    if (draining.fullAt !== undefined && draining.fullAt > latestMs)
      return draining.fullAt - latestMs;
    const full = await setFullAt(
      tables,
      tenantId,
      ":next",
      "attribute_not_exists(fullAt) OR fullAt < :now",
      {
        ":next": nowMs + costMs,
        ":now": nowMs,
      },
    );
    if (full === "TAKEN") return 0;
  }
  return MINUTE_MS / perMinute;
}

/** The bucket as it was found when the condition did not hold. */
async function setFullAt(
  tables: Tables,
  tenantId: string,
  value: string,
  ConditionExpression: string,
  values: Record<string, number>,
): Promise<"TAKEN" | { fullAt: number | undefined }> {
  const ttl = Math.floor((values[":now"] ?? 0) / 1000) + 3600;
  const update = new UpdateCommand({
    TableName: tables.hot,
    Key: keys.requestRate(tenantId),
    UpdateExpression: `SET fullAt = ${value}, #ttl = :ttl`,
    ConditionExpression,
    ExpressionAttributeNames: { "#ttl": "ttl" },
    ExpressionAttributeValues: { ...values, ":ttl": ttl },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  try {
    await tables.client.send(update);
    return "TAKEN";
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const found = error.Item?.fullAt;
    const stored =
      found !== undefined && "N" in found ? Number(found.N) : Number(found ?? Number.NaN);
    return { fullAt: Number.isNaN(stored) ? undefined : stored };
  }
}
