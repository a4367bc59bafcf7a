import * as z from "zod";
import { Checkpoint } from "../../../schemas/checkpoint.ts";
import { Count } from "../../../schemas/scalars.ts";
import type { Item } from "../client.ts";

/** A checkpoint that was reset stays as an item, so that its versions go on rising. */
export const StoredCheckpoint = z.object({
  ...Checkpoint.shape,
  reset: z.boolean().default(false),
  restores: Count.nullable().default(null),
});
export type StoredCheckpoint = z.infer<typeof StoredCheckpoint>;

const shown = z.object(Checkpoint.shape);

export const toCheckpoint = (item: Item): Checkpoint => shown.parse(item);
