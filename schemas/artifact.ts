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
    files: Count.nullish().describe(
      "How many files it has. Null: the sink keeps none, or a release of before listed none.",
    ),
    createdAt: Instant,
  })
  .meta({ id: "Artifact" });
export type Artifact = z.infer<typeof Artifact>;

/** A landed file, as the data plane lists it. */
export const ArtifactFile = z
  .strictObject({
    location: z.string(),
    rows: Count,
    bytes: Count,
    sha256: z.string().nullable().describe("Null where the sink keeps no checksum."),
  })
  .meta({ id: "ArtifactFile" });
export type ArtifactFile = z.infer<typeof ArtifactFile>;

/** An object of the list of an artifact's files; `more`: another one follows. */
export const ArtifactPage = z
  .strictObject({ files: z.array(ArtifactFile), more: z.boolean() })
  .meta({ id: "ArtifactPage" });
export type ArtifactPage = z.infer<typeof ArtifactPage>;
