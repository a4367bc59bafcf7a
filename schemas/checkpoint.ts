import * as z from "zod";
import { Count, Id, Instant, Json } from "./scalars.ts";

/** How far a unit has been landed. Moves only after the sink has committed, guarded by version and epoch. */
export const Checkpoint = z
  .strictObject({
    endpointId: Id,
    unitId: z.string(),
    cursor: Json.describe("The source's own; opaque outside the connector."),
    position: z
      .number()
      .nullable()
      .describe("Monotone part of the cursor, epoch milliseconds; null where there is none."),
    lastRunId: Id,
    stats: Json,
    lastUpdatedAt: Instant,
    version: Count,
    epoch: Count,
  })
  .meta({ id: "Checkpoint" });
export type Checkpoint = z.infer<typeof Checkpoint>;

/** What the data plane hands back: the new cursor, not yet published. */
export const NextCheckpoint = z
  .strictObject({ cursor: Json, position: z.number().nullable() })
  .meta({ id: "NextCheckpoint" });
export type NextCheckpoint = z.infer<typeof NextCheckpoint>;
