/**
 * Marks of work to pass on (decision 13): found by key or by the sparse index, cleared only
 * when unchanged.
 */
import * as z from "zod";
import type { Item, Tables } from "../client.ts";
import {
  DELETING_PK,
  FREE_PK,
  INDEX,
  type Key,
  LEASED_PK,
  PENDING_PK,
  SCHEDULED_PK,
} from "../keys.ts";
import type { Change } from "../table/change.ts";
import { matches } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { walk } from "../table/walk.ts";
import { update, writeIf } from "../table/write.ts";

type Deletion = "endpoint-deletion" | "tenant-deletion";
export type PendingKind =
  | "run"
  | "unit-config"
  | "endpoint"
  | "collection"
  | "probe"
  | "call"
  | "tenant"
  | "connector-registration"
  | Deletion;

/** The mark that the bridge and the reconciler work off (decision 13). */
export function pendingMark(kind: PendingKind, now: Date): Item {
  return { pendingPk: PENDING_PK, pendingAt: now.toISOString(), pendingKind: kind };
}

/** The mark of a taken lease, found by the reconciler once `lookAt` has passed. */
export function leasedMark(lookAt: Date): Item {
  return { pendingPk: LEASED_PK, pendingAt: lookAt.toISOString(), pendingKind: "lease" };
}

/** The mark of a unit that ran and is free. It stands by its tenant, so that it keeps its place. */
export function freeMark(tenantId: string): Item {
  return { pendingPk: FREE_PK, pendingAt: tenantId, pendingKind: "lease" };
}

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
export async function findMarked(tables: Tables, key: Key): Promise<Marked | undefined> {
  const item = await findItem(tables, key);
  return item?.pendingPk === PENDING_PK ? Marked.parse(item) : undefined;
}

/** Items under one value of `pendingPk` whose time is at or before `until`, oldest first. */
export async function* listMarked(
  tables: Tables,
  pendingPk: string,
  until: Date,
): AsyncGenerator<Marked> {
  const marks = { index: INDEX.pending, pk: pendingPk, to: until.toISOString() };
  for await (const item of walk(tables, marks)) yield Marked.parse(item);
}

/** Clears the mark, unless a newer one took its place: that one has its own message. */
export const clearMark = (tables: Tables, marked: Marked): Promise<void> =>
  updateMarked(tables, marked, { remove: MARK });

const MARK = ["pendingPk", "pendingAt", "pendingKind"];

/** Records how a config's schedule stands. `keep`: the mark stays, so that it is tried again. */
export async function recordSchedule(
  tables: Tables,
  marked: Marked,
  { scheduleState, scheduleReason }: { scheduleState: string; scheduleReason: string | null },
  mark: "clear" | "keep" | "scheduled",
): Promise<void> {
  const pendingPk = mark === "scheduled" ? SCHEDULED_PK : undefined;
  await updateMarked(tables, marked, {
    set: { scheduleState, scheduleReason, pendingPk },
    remove: mark === "clear" ? MARK : [],
  });
}

/** Says of an endpoint whether the orchestrator has a schedule of its collections. */
export async function recordCollections(
  tables: Tables,
  marked: Marked,
  mark: "clear" | "scheduled",
): Promise<void> {
  if (mark === "clear") return clearMark(tables, marked);
  await updateMarked(tables, marked, { set: { pendingPk: SCHEDULED_PK } });
}

/** Looks at a lease again later. */
export const postponeMark = (tables: Tables, marked: Marked, until: Date): Promise<void> =>
  updateMarked(tables, marked, { set: { pendingAt: until.toISOString() } });

/** The deletion's workflow was started: whether one is open is looked at again later. */
export const watchDeletion = (tables: Tables, marked: Marked, lookAt: Date): Promise<void> =>
  updateMarked(tables, marked, {
    set: { pendingPk: DELETING_PK, pendingAt: lookAt.toISOString() },
  });

async function updateMarked(tables: Tables, marked: Marked, change: Change): Promise<void> {
  const { pendingAt, pendingPk } = marked;
  const unchanged = matches({ pendingAt, pendingPk });
  await writeIf(tables, update(tables.control, marked, change, unchanged));
}
