import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Checkpoint } from "../../schemas/checkpoint.ts";
import type { Tables } from "./client.ts";
import { endpointChildrenPk, keys } from "./keys.ts";
import { StoredCheckpoint, toCheckpoint } from "./run-items.ts";

/** The published checkpoint, read consistently; undefined when nothing was landed or it was reset. */
export async function findCheckpoint(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
): Promise<Checkpoint | undefined> {
  const stored = await findStoredCheckpoint(tables, tenantId, endpointId, unitId);
  return stored && !stored.reset ? toCheckpoint(stored) : undefined;
}

/** Like `findCheckpoint`, but a reset one is answered too: its version still counts. */
export async function findStoredCheckpoint(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
): Promise<StoredCheckpoint | undefined> {
  const Key = keys.checkpoint(tenantId, endpointId, unitId);
  const { Item } = await tables.client.send(new GetCommand({ TableName: tables.control, Key, ConsistentRead: true }));
  return Item && StoredCheckpoint.parse(Item);
}

/** One version of the past; undefined when there is none, or when that version was a reset. */
export async function findCheckpointVersion(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
  version: number,
): Promise<Checkpoint | undefined> {
  const Key = keys.checkpointVersion(tenantId, endpointId, unitId, version);
  const { Item } = await tables.client.send(new GetCommand({ TableName: tables.control, Key, ConsistentRead: true }));
  return Item && Item.reset !== true ? toCheckpoint(Item) : undefined;
}

/** Earlier and current versions, newest first, at most `limit`; a reset shows as a version with an empty cursor. */
export async function listCheckpointHistory(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
  limit: number,
): Promise<Checkpoint[]> {
  const { Items = [] } = await tables.client.send(
    new QueryCommand({
      TableName: tables.control,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
      ExpressionAttributeValues: { ":pk": endpointChildrenPk(tenantId, endpointId), ":sk": `HISTORY#${unitId}#` },
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  return Items.map(toCheckpoint);
}
