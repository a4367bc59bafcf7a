/** What the data plane is asked of a run: a slice, a commit, an end. */
import * as z from "zod";
import { NextCheckpoint } from "./checkpoint.ts";
import { EnrichmentRef } from "./knowledge-node.ts";
import { Evidence, RecordError, RunStats } from "./run.ts";
import { RunPlan } from "./run-plan.ts";
import { Count, Instant, Json } from "./scalars.ts";

export const RunUnitInput = z
  .strictObject({
    plan: RunPlan,
    slice: Count,
    continuation: Json.nullable(),
    only: z
      .enum(["STAGE", "LAND"])
      .optional()
      .describe(
        "`STAGE`: what is read waits for the commit of a later slice, as long as that is no more " +
          "than a slice may be. `LAND`: what waits is committed, and nothing is read. Left out: " +
          "both.",
      ),
  })
  .meta({ id: "RunUnitInput" });
export type RunUnitInput = z.infer<typeof RunUnitInput>;

export const LandedArtifact = z
  .strictObject({
    commitId: z.string(),
    location: z.string(),
    snapshotId: z.string().nullable(),
    rows: Count,
    bytes: Count,
    schemaHash: z.string().nullable(),
    files: Count.nullish().describe(
      "How many files the data plane listed. Null: the sink keeps none, or a worker of before " +
        "listed none.",
    ),
  })
  .meta({ id: "LandedArtifact" });
export type LandedArtifact = z.infer<typeof LandedArtifact>;

/**
 * One activity's outcome. `COMMITTED`: the slice is in the sink, `nextCheckpoint` may be published;
 * `CONTINUE`: sealed, more to read before the commit; `WAIT`: the vendor said when; `STAGED`: all
 * that the source shows by now is sealed, and waits; `ENRICH`: sealed for the knowledge base,
 * committed once `enrichKnowledgeBase` took all of `enrichment`.
 * `done`: the source is exhausted and all is committed. `slice` is the one this activity worked on.
 * The next call gets `slice + 1` and this `continuation`, whatever the outcome: an ordinal is never
 * worked on again, but for retries of the same activity.
 */
export const RunUnitResult = z
  .strictObject({
    outcome: z.enum(["COMMITTED", "CONTINUE", "WAIT", "STAGED", "ENRICH"]),
    done: z.boolean(),
    slice: Count,
    nextCheckpoint: NextCheckpoint.nullable().describe(
      "`newCheckpoint` by the name that it had before: for readers of an earlier release.",
    ),
    newCheckpoint: NextCheckpoint.nullish().describe(
      "How far the unit has landed; null: no further. A worker of before left it out.",
    ),
    stats: RunStats.describe(
      "Figures of this slice. All but requests, pages, waits and time are zero until it is " +
        "committed.",
    ),
    errors: z
      .array(RecordError)
      .nullish()
      .describe("The first records that were set aside. A worker of before left it out."),
    artifact: LandedArtifact.nullable(),
    evidence: z.array(Evidence),
    continuation: Json.nullable(),
    resumeAt: Instant.nullable(),
    waitReason: z.string().nullable(),
    enrichment: EnrichmentRef.nullish().describe("Set only when the outcome is `ENRICH`."),
  })
  .meta({ id: "RunUnitResult" });
export type RunUnitResult = z.infer<typeof RunUnitResult>;

export const AskSinkInput = z
  .strictObject({ plan: RunPlan, commitId: z.string() })
  .meta({ id: "AskSinkInput" });
export type AskSinkInput = z.infer<typeof AskSinkInput>;
export const AskSinkResult = z
  .strictObject({ committed: z.boolean(), artifact: LandedArtifact.nullable(), stats: Json })
  .meta({ id: "AskSinkResult" });
export type AskSinkResult = z.infer<typeof AskSinkResult>;

export const CloseStagingInput = z
  .strictObject({ plan: RunPlan })
  .meta({ id: "CloseStagingInput" });
export type CloseStagingInput = z.infer<typeof CloseStagingInput>;
