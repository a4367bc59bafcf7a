import { PageFill } from "../../../core/answer-size.ts";
import { checkpointDiff } from "../../../core/checkpoint-diff.ts";
import type { Checkpoint, CheckpointVersion } from "../../../schemas/checkpoint.ts";
import type { Tables } from "../client.ts";
import { endpointChildrenPk, keys } from "../keys.ts";
import { findItem } from "../table/find.ts";
import { withKept } from "../table/kept-value.ts";
import { readSome } from "../table/walk.ts";
import { StoredCheckpoint, toCheckpoint } from "./items.ts";

/**
 * The published checkpoint, read consistently; undefined when nothing was landed or it was reset.
 */
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
  const item = await findItem(tables, keys.checkpoint(tenantId, endpointId, unitId));
  return item && whole(tables, item);
}

/** One version of the past, a reset too; undefined when there is none. */
export async function findCheckpointVersion(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
  version: number,
): Promise<StoredCheckpoint | undefined> {
  const item = await findItem(
    tables,
    keys.checkpointVersion(tenantId, endpointId, unitId, version),
  );
  return item && whole(tables, item);
}

/**
 * Current and earlier versions, newest first, at most `limit` and as many as an answer holds, each
 * with what it changed. A reset shows as a version with an empty cursor.
 */
export async function listCheckpointHistory(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  unitId: string,
  limit: number,
): Promise<CheckpointVersion[]> {
  const versions = {
    pk: endpointChildrenPk(tenantId, endpointId),
    prefix: `HISTORY#${unitId}#`,
    newestFirst: true,
  } as const;
  // One more, to tell what the last one shown changed.
  const { items } = await readSome(tables, versions, { limit: limit + 1 });

  const history = new PageFill<CheckpointVersion>(limit);
  let [version, ...older] = items;
  let seen = version && (await whole(tables, version));
  for (; seen && !history.isFull; [version, ...older] = older) {
    const before = older[0] && (await whole(tables, older[0]));
    if (!history.take({ ...seen, changes: checkpointDiff(before, seen) })) break;
    seen = before;
  }

  return history.items;
}

/** A large cursor is in parts beside the version of the history. */
async function whole(tables: Tables, item: Record<string, unknown>): Promise<StoredCheckpoint> {
  return StoredCheckpoint.parse(await withKept(tables, item, String(item.pk), ["cursor"]));
}
