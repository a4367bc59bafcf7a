/**
 * What workflows and activities say to each other. References and figures only: never rows, never
 * secrets. Contracts only grow.
 */
import * as z from "zod";
import { NextCheckpoint } from "./checkpoint.ts";
import { PROBE_KIND } from "./collection.ts";
import { Connector, UnitDescriptor } from "./connector.ts";
import { CollectedDataset, DatasetField } from "./dataset.ts";
import type {
  DeletionBegun,
  EndpointAddress,
  EndpointPart,
  RemovalPosition,
  RemovalStep,
  TenantPart,
} from "./deletion.ts";
import { IngestionError } from "./error.ts";
import { EnrichmentRef } from "./knowledge-node.ts";
import { RedriveInput } from "./quarantine.ts";
import { Evidence, PendingSlice, RecordError, RunStats, type RunStatus, TRIGGER } from "./run.ts";
import type { RunLogEntry } from "./run-log.ts";
import { Count, Id, Instant, Json, Mode, Slug } from "./scalars.ts";
import { SourceSystem } from "./source-system.ts";

/**
 * Where a credential lives: the version is the pointer's, so a reader gets the value that the
 * control plane means.
 */
export const CredentialRef = z
  .strictObject({ secretId: z.string(), versionId: z.string(), tenantId: Id, ownerId: Id })
  .meta({ id: "CredentialRef" });
export type CredentialRef = z.infer<typeof CredentialRef>;

export const SourceRef = z
  .strictObject({
    endpointId: Id,
    slug: Slug,
    connector: z.string(),
    connectorVersion: z.string(),
    config: Json,
    authType: z.string().nullable(),
    credential: CredentialRef.nullable(),
  })
  .meta({ id: "SourceRef" });
export type SourceRef = z.infer<typeof SourceRef>;

export const SinkRef = z
  .strictObject({
    sinkId: Id,
    type: z.string(),
    config: Json,
    credential: CredentialRef.nullable(),
    roleArn: z
      .string()
      .nullish()
      .describe("The role that the credential names. The run may assume no other role."),
  })
  .meta({ id: "SinkRef" });
export type SinkRef = z.infer<typeof SinkRef>;

/**
 * Input of `ingestionRunWorkflow`. A scheduled start has no `runId`: it is made from the workflow's
 * id.
 */
export const IngestionRunInput = z
  .strictObject({
    tenantId: Id,
    endpointId: Id,
    unitId: z.string(),
    runId: Id.nullable(),
    trigger: z.enum(TRIGGER),
    /** Set by continue-as-new only. */
    resume: z
      .strictObject({
        plan: z.lazy(() => RunPlan),
        slice: Count,
        continuation: Json.nullable(),
        stats: RunStats,
        evidence: z.array(Evidence),
      })
      .nullable(),
  })
  .meta({ id: "IngestionRunInput" });
export type IngestionRunInput = z.infer<typeof IngestionRunInput>;

/** An ended run whose staging is landed again: its slices 0 to `slice`, staged under `epoch`. */
export const ReplayedRun = z
  .strictObject({ runId: Id, epoch: Count, slice: Count, mode: Mode })
  .meta({ id: "ReplayedRun" });
export type ReplayedRun = z.infer<typeof ReplayedRun>;

/** Everything a run needs, read once in the transaction that took the lease. */
export const RunPlan = z
  .strictObject({
    tenantId: Id,
    runId: Id,
    unitId: z.string(),
    dataset: z.string(),
    fields: z.array(DatasetField),
    mode: Mode,
    policy: Json,
    epoch: Count,
    trigger: z.enum(TRIGGER),
    source: SourceRef,
    sink: SinkRef.nullable().describe("Null means the knowledge base."),
    stagingProviderId: z.string(),
    checkpoint: NextCheckpoint.nullable(),
    checkpointVersion: Count,
    landedBefore: Count.nullable().describe(
      "Rows that the last FULL run of this unit read. Null when unknown.",
    ),
    replay: ReplayedRun.optional().describe(
      "When set, the run reads what this run staged, and no source.",
    ),
    redrive: RedriveInput.optional().describe(
      "When set, the run reads the unit's quarantine, and no source.",
    ),
  })
  .meta({ id: "RunPlan" });
export type RunPlan = z.infer<typeof RunPlan>;

/**
 * `SKIP`: another run holds the unit, or it may not start. `SETTLE`: a run before left a pending
 * slice: ask the sink first.
 */
export const StartResult = z
  .discriminatedUnion("outcome", [
    z.strictObject({ outcome: z.literal("RUN"), plan: RunPlan }),
    z.strictObject({ outcome: z.literal("SKIP"), runId: Id, reason: z.string() }),
    z.strictObject({
      outcome: z.literal("SETTLE"),
      plan: RunPlan,
      pending: PendingSlice,
      pendingRunId: Id,
    }),
  ])
  .meta({ id: "StartResult" });
export type StartResult = z.infer<typeof StartResult>;

export const RunUnitInput = z
  .strictObject({ plan: RunPlan, slice: Count, continuation: Json.nullable() })
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
  })
  .meta({ id: "LandedArtifact" });
export type LandedArtifact = z.infer<typeof LandedArtifact>;

/**
 * One activity's outcome. `COMMITTED`: the slice is in the sink, `nextCheckpoint` may be published;
 * `CONTINUE`: sealed, more to read before the commit; `WAIT`: the vendor said when; `ENRICH`:
 * sealed for the knowledge base, committed once `enrichKnowledgeBase` took all of `enrichment`.
 * `done`: the source is exhausted and all is committed. `slice` is the one this activity worked on.
 * The next call gets `slice + 1` and this `continuation`, whatever the outcome: an ordinal is never
 * worked on again, but for retries of the same activity.
 */
export const RunUnitResult = z
  .strictObject({
    outcome: z.enum(["COMMITTED", "CONTINUE", "WAIT", "ENRICH"]),
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

export const CollectInput = z
  .strictObject({ tenantId: Id, collectionId: Id, source: SourceRef })
  .meta({ id: "CollectInput" });
export type CollectInput = z.infer<typeof CollectInput>;
/**
 * Datasets and units are in the object at `key` of the staging bucket (a CollectedCatalog): a
 * catalogue outgrows a payload.
 */
export const CollectResult = z
  .strictObject({
    sourceSystem: SourceSystem,
    key: z.string(),
    sha256: z.string(),
    datasets: Count,
    units: z.array(z.string()).describe("Ids of the units that the catalogue gives."),
    warnings: z.array(z.string()),
  })
  .meta({ id: "CollectResult" });
export type CollectResult = z.infer<typeof CollectResult>;
export const CollectedCatalog = z
  .strictObject({
    datasets: z.array(CollectedDataset),
    connectorVersion: Connector.shape.version.nullish(),
    units: z
      .array(UnitDescriptor)
      .nullish()
      .describe(
        "What can be ingested of the datasets, in the connector's order. A worker of an earlier " +
          "release sends neither these nor `connectorVersion`.",
      ),
  })
  .meta({ id: "CollectedCatalog" });
export type CollectedCatalog = z.infer<typeof CollectedCatalog>;

export const CollectionInput = z
  .strictObject({
    tenantId: Id,
    endpointId: Id,
    collectionId: Id.nullable().describe(
      "Null for a scheduled tick: the collection is created when it starts.",
    ),
  })
  .meta({ id: "CollectionInput" });
export type CollectionInput = z.infer<typeof CollectionInput>;

export const ProbeInput = z.strictObject({ tenantId: Id, probeId: Id }).meta({ id: "ProbeInput" });
export type ProbeInput = z.infer<typeof ProbeInput>;
export const RunProbeInput = z
  .strictObject({
    tenantId: Id,
    probeId: Id,
    kind: z.enum(PROBE_KIND),
    source: SourceRef.nullable(),
    sink: SinkRef.nullable(),
    dataset: z.string().nullable(),
    limit: z.int().min(1).max(100).nullable(),
    deadline: Instant.nullish().describe(
      "After this time nobody waits for the answer, and the source is not asked.",
    ),
  })
  .meta({ id: "RunProbeInput" });
export type RunProbeInput = z.infer<typeof RunProbeInput>;
/** A preview's rows are never in the payload: `key` names the object in the staging bucket. */
export const RunProbeResult = z
  .strictObject({ summary: Json, key: z.string().nullable(), error: IngestionError.nullable() })
  .meta({ id: "RunProbeResult" });
export type RunProbeResult = z.infer<typeof RunProbeResult>;

/**
 * A slice that was committed: its checkpoint, artifact and the run's sums so far become the truth
 * together.
 */
export interface AdvanceInput {
  plan: RunPlan;
  result: RunUnitResult;
  stats: RunStats;
  evidence: Evidence[];
}

/** `committed` is the last slice, when its checkpoint has not been published yet. */
export interface CompleteInput {
  plan: RunPlan;
  committed: RunUnitResult | null;
  stats: RunStats;
  evidence: Evidence[];
}

export interface SettleInput {
  plan: RunPlan;
  pending: PendingSlice;
  pendingRunId: string;
  answer: AskSinkResult;
}

/** Why the attempt before ended, which one it was or is now, and when the next one comes. */
export interface Setback {
  lastError: IngestionError;
  attempt: number;
  /** Null: the attempt is at work. */
  nextAttemptAt: string | null;
  at: string;
}

/**
 * `waiting` null: the wait is over. `setback` null: the work got further; left out, it stays.
 * `line` is for the run's log.
 */
export interface WaitInput {
  plan: RunPlan;
  waiting: { reason: string; until: string } | null;
  setback?: Setback | null;
  line?: RunLogEntry;
}

export interface CollectionSetbackInput extends CollectionInput {
  setback: Setback | null;
}

/** `error` is null exactly for a cancelled run. */
export interface FailInput {
  run: Pick<IngestionRunInput, "tenantId" | "endpointId" | "unitId" | "runId">;
  cancelled: boolean;
  error: IngestionError | null;
  stats: RunStats;
  evidence: Evidence[];
}

/** Batches of a slice, from the `from`th on. */
export interface EnrichInput {
  plan: RunPlan;
  slice: number;
  enrichment: EnrichmentRef;
  from: number;
}
/**
 * `deduplicated` counts the records that made no node, and `unchanged` those of them that were known
 * in this version; a worker of an earlier release reports both as `unchanged`. `next` is the first
 * batch that is left, null when all are in.
 */
export interface EnrichResult {
  inserted: number;
  updated: number;
  deduplicated?: number;
  unchanged: number;
  next: number | null;
}

export interface SaveCatalogInput extends CollectionInput {
  collectionId: string;
  result: CollectResult;
}
export interface FailCollectionInput extends CollectionInput {
  error: IngestionError;
}
export interface FinishProbeInput extends ProbeInput {
  result: RunProbeResult;
}

/**
 * Types of the activities that the TypeScript service runs; the names are `ACTIVITY.typescript`.
 */
export interface TypescriptActivities {
  /** Takes the lease and gathers the plan. Called again it answers the same. */
  startIngestionRun(input: IngestionRunInput): Promise<StartResult>;
  /**
   * Publishes, or drops, what the run before left pending; answers the plan with the checkpoint
   * that holds now.
   */
  settleIngestionRun(input: SettleInput): Promise<RunPlan>;
  waitIngestionRun(input: WaitInput): Promise<void>;
  /**
   * Answers the plan with the published checkpoint. Fails with `FENCED` when a newer run owns the
   * unit.
   */
  advanceCheckpoint(input: AdvanceInput): Promise<RunPlan>;
  /**
   * Upserts the nodes of as many batches as it has time for. Called again it finds them and counts
   * the same.
   */
  enrichKnowledgeBase(input: EnrichInput): Promise<EnrichResult>;
  completeIngestionRun(input: CompleteInput): Promise<{ runId: string; status: RunStatus }>;
  failIngestionRun(input: FailInput): Promise<{ runId: string; status: RunStatus }>;
  /**
   * Null: the collection has ended already, its endpoint is gone, or the tick finds another one at
   * work.
   */
  startCollection(input: CollectionInput): Promise<CollectInput | null>;
  /** Shows what keeps a collection, or that it gets further. */
  showCollectionSetback(input: CollectionSetbackInput): Promise<void>;
  saveCatalog(input: SaveCatalogInput): Promise<void>;
  failCollection(input: FailCollectionInput): Promise<void>;
  startProbe(input: ProbeInput): Promise<RunProbeInput | null>;
  finishProbe(input: FinishProbeInput): Promise<void>;
  /** Null: the deletion is done. */
  beginEndpointDeletion(input: EndpointAddress): Promise<DeletionBegun | null>;
  /**
   * Removes its schedules and asks its workflows to stop, or with `force` stops them; answers how
   * many were open.
   */
  stopEndpoint(input: EndpointAddress & { force: boolean }): Promise<{ open: number }>;
  removeEndpointPart(input: EndpointAddress & RemovalPosition<EndpointPart>): Promise<RemovalStep>;
  finishEndpointDeletion(input: EndpointAddress): Promise<void>;
  /** Null: the deletion is done. */
  beginTenantDeletion(input: { tenantId: string }): Promise<DeletionBegun | null>;
  /** Begins the deletion of every endpoint of the tenant; answers how many are not done yet. */
  deleteTenantEndpoints(input: { tenantId: string }): Promise<{ left: number }>;
  removeTenantPart(input: { tenantId: string } & RemovalPosition<TenantPart>): Promise<RemovalStep>;
  finishTenantDeletion(input: { tenantId: string }): Promise<void>;
}

/**
 * Types of the activities that the Python service runs; the names are `ACTIVITY.python`. A failure
 * is an application failure whose type is a code of `ERRORS`, non-retryable where the table says
 * so; `WORKER_BUSY` says that nothing was tried. What the workflows rely on: all of them heartbeat:
 * the timeout is 20 s and a cancel must arrive within 10 s, so the Python worker caps its heartbeat
 * throttle at 5 s; other than `runIngestionUnitPythonWorker` and `collectMetadata` they end within
 * 2 minutes; `progress` and `pendingSlice` are written to the run item (`CONTROL_KEY.run`) under
 * the condition `epoch = :epoch AND #status IN ("RUNNING", "WAITING")`, so that an ended or
 * replaced run writes nothing; `askSinkForCommit` raises the sink's fence to `plan.epoch` before it
 * looks, so that what it does not find cannot come later.
 */
export interface PythonActivities {
  runIngestionUnitPythonWorker(input: RunUnitInput): Promise<RunUnitResult>;
  askSinkForCommit(input: AskSinkInput): Promise<AskSinkResult>;
  closeStaging(input: CloseStagingInput): Promise<void>;
  collectMetadata(input: CollectInput): Promise<CollectResult>;
  runProbe(input: RunProbeInput): Promise<RunProbeResult>;
}
