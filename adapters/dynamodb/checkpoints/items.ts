import * as z from "zod";
import { Checkpoint, type NextCheckpoint } from "../../../schemas/checkpoint.ts";
import { Count } from "../../../schemas/scalars.ts";
import type { Item } from "../client.ts";

/** A checkpoint that was reset stays as an item, so that its versions go on rising. */
export const StoredCheckpoint = z.object({
  ...Checkpoint.shape,
  reset: z.boolean().default(false),
  restores: Count.nullable().default(null),
});
export type StoredCheckpoint = z.infer<typeof StoredCheckpoint>;

/**
 * What a reset leaves where the next run is to replace what has landed; the data plane reads it
 * (`python-worker/src/inlet_worker/pipeline/identity.py`).
 */
export const ORDER_TO_REPLACE = { identity: { replace: true } } as const;

export function ordersToReplace({ reset, cursor }: StoredCheckpoint): boolean {
  const { identity } = cursor as { identity?: { replace?: unknown } };
  return reset && identity?.replace === true;
}

/** What a run goes on from; null where it begins. */
export function plannedCheckpoint(stored: StoredCheckpoint | undefined): NextCheckpoint | null {
  if (!stored || (stored.reset && !ordersToReplace(stored))) return null;
  return { cursor: stored.cursor, position: stored.position };
}

const shown = z.object(Checkpoint.shape);

export const toCheckpoint = (item: Item): Checkpoint => shown.parse(item);
