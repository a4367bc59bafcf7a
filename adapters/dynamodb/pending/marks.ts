/**
 * Marks of work to pass on (decision 13): found by key or by the sparse index, cleared only
 * when unchanged.
 */
import { GetCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { Tables } from "../client.ts";
import { DELETING_PK, INDEX, type Key, PENDING_PK, SCHEDULED_PK } from "../keys.ts";

/** An item with its mark; the rest of it is the noun's. */
export const Marked = z.looseObject({
  pk: z.string(),
  sk: z.string(),
  pendingPk: z.string(),
  pendingAt: z.string(),
  pendingKind: z.string(),
});
export type Marked = z.infer<typeof Marked>;

/** The item as it is now; undefined when it is gone or its mark was worked off. */
export async function findMarked(tables: Tables, { pk, sk }: Key): Promise<Marked | undefined> {
  const get = new GetCommand({ TableName: tables.control, Key: { pk, sk }, ConsistentRead: true });
  const { Item } = await tables.client.send(get);
  return Item?.pendingPk === PENDING_PK ? Marked.parse(Item) : undefined;
}

/** Items under one value of `pendingPk` whose time is at or before `until`, oldest first. */
export async function* listMarked(
  tables: Tables,
  pendingPk: string,
  until: Date,
): AsyncGenerator<Marked> {
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await tables.client.send(
      new QueryCommand({
        TableName: tables.control,
        IndexName: INDEX.pending,
        KeyConditionExpression: "pendingPk = :pk AND pendingAt <= :until",
        ExpressionAttributeValues: { ":pk": pendingPk, ":until": until.toISOString() },
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    yield* (page.Items ?? []).map((item) => Marked.parse(item));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

/** Clears the mark, unless a newer one took its place: that one has its own message. */
export async function clearMark(tables: Tables, marked: Marked): Promise<void> {
  await updateMarked(tables, marked, "REMOVE pendingPk, pendingAt, pendingKind", {});
}

/** Records how a config's schedule stands. `keep`: the mark stays, so that it is tried again. */
export async function recordSchedule(
  tables: Tables,
  marked: Marked,
  found: { scheduleState: string; scheduleReason: string | null },
  mark: "clear" | "keep" | "scheduled",
): Promise<void> {
  const set = "SET scheduleState = :state, scheduleReason = :reason";
  const moved = {
    keep: "",
    clear: " REMOVE pendingPk, pendingAt, pendingKind",
    scheduled: ", pendingPk = :scheduled",
  };
  await updateMarked(tables, marked, set + moved[mark], {
    ":state": found.scheduleState,
    ":reason": found.scheduleReason,
    ...(mark === "scheduled" && { ":scheduled": SCHEDULED_PK }),
  });
}

/** Says of an endpoint whether the orchestrator has a schedule of its collections. */
export async function recordCollections(
  tables: Tables,
  marked: Marked,
  mark: "clear" | "scheduled",
): Promise<void> {
  if (mark === "clear") return clearMark(tables, marked);
  await updateMarked(tables, marked, "SET pendingPk = :scheduled", { ":scheduled": SCHEDULED_PK });
}

/** Looks at a lease again later. */
export async function postponeMark(tables: Tables, marked: Marked, until: Date): Promise<void> {
  await updateMarked(tables, marked, "SET pendingAt = :until", { ":until": until.toISOString() });
}

/** The deletion's workflow was started: whether one is open is looked at again later. */
export async function watchDeletion(tables: Tables, marked: Marked, lookAt: Date): Promise<void> {
  const values = { ":pk": DELETING_PK, ":at": lookAt.toISOString() };
  await updateMarked(tables, marked, "SET pendingPk = :pk, pendingAt = :at", values);
}

const UNCHANGED = "pendingAt = :seenAt AND pendingPk = :seenPk";

async function updateMarked(
  tables: Tables,
  marked: Marked,
  UpdateExpression: string,
  values: Record<string, unknown>,
) {
  const update = new UpdateCommand({
    TableName: tables.control,
    Key: { pk: marked.pk, sk: marked.sk },
    UpdateExpression,
    ConditionExpression: UNCHANGED,
    ExpressionAttributeValues: {
      ...values,
      ":seenAt": marked.pendingAt,
      ":seenPk": marked.pendingPk,
    },
  });
  await ifUnchanged(tables.client.send(update));
}

async function ifUnchanged(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof Error && error.name === "ConditionalCheckFailedException")) throw error;
  }
}
