import * as z from "zod";
import { Count, Id, Instant } from "./scalars.ts";

/** A landed output of a run. */
export const Artifact = z
  .strictObject({
    artifactId: Id,
    runId: Id,
    endpointId: Id,
    unitId: z.string(),
    sinkId: z.string(),
    location: z.string().describe("Table and snapshot, or object prefix."),
    snapshotId: z.string().nullable(),
    commitId: z.string(),
    rows: Count,
    bytes: Count,
    schemaHash: z.string().nullable(),
    createdAt: Instant,
  })
  .meta({ id: "Artifact" });
export type Artifact = z.infer<typeof Artifact>;
