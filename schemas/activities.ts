/**
 * What workflows and activities say to each other. References and figures only: never rows, never
 * secrets. Contracts only grow.
 */

import type { CollectInput, CollectionInput, CollectResult } from "./collect-metadata.ts";
import type { ConnectorRegistrationInput } from "./connector-registration.ts";
import type {
  DeletionBegun,
  EndpointAddress,
  EndpointPart,
  RemovalPosition,
  RemovalStep,
  TenantPart,
} from "./deletion.ts";
import type { IngestionError } from "./error.ts";
import type { EnrichmentRef } from "./knowledge-node.ts";
import type {
  LandedUnitsPosition,
  MaintainTableInput,
  MaintainTableResult,
  TableListing,
} from "./maintenance.ts";
import type { WindowClosing } from "./merge-window.ts";
import type { MethodCallAddress } from "./method-call.ts";
import type { Evidence, PendingSlice, RunStats, RunStatus } from "./run.ts";
import type { RunLogEntry } from "./run-log.ts";
import type { IngestionRunInput, RunPlan, StartResult } from "./run-plan.ts";
import type { ProbeInput, RunProbeInput, RunProbeResult } from "./run-probe.ts";
import type {
  AskSinkInput,
  AskSinkResult,
  CloseStagingInput,
  RunUnitInput,
  RunUnitResult,
} from "./run-unit.ts";

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

/**
 * `committed` is the last slice, when its checkpoint has not been published yet. `restedMs`: what a
 * window rested is no part of the run's duration.
 */
export interface CompleteInput {
  plan: RunPlan;
  committed: RunUnitResult | null;
  stats: RunStats;
  evidence: Evidence[];
  restedMs?: number;
}

export interface GrantInput {
  plan: RunPlan;
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
 * `line` is for the run's log. `rests`: the run waits for the next reading of its window, and its
 * unit does not count as running meanwhile; false: that wait is over.
 */
export interface WaitInput {
  plan: RunPlan;
  waiting: { reason: string; until: string } | null;
  setback?: Setback | null;
  line?: RunLogEntry;
  rests?: boolean;
}

export interface CollectionSetbackInput extends CollectionInput {
  setback: Setback | null;
}

/** `error` is null exactly for a cancelled run. `restedMs` as above. */
export interface FailInput {
  run: Pick<IngestionRunInput, "tenantId" | "endpointId" | "unitId" | "runId">;
  cancelled: boolean;
  error: IngestionError | null;
  stats: RunStats;
  evidence: Evidence[];
  restedMs?: number;
}

/** Batches of a slice, from the `from`th on. */
export interface EnrichInput {
  plan: RunPlan;
  slice: number;
  enrichment: EnrichmentRef;
  from: number;
}
/**
 * `deduplicated` counts the records that made no node, and `unchanged` those of them that were
 * known in this version; a worker of an earlier release reports both as `unchanged`. `next` is the
 * first batch that is left, null when all are in.
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

export interface FailConnectorRegistrationInput extends ConnectorRegistrationInput {
  error: { code: string; message: string };
}

/**
 * Types of the activities that the TypeScript service runs; the names are `ACTIVITY.typescript`.
 */
export interface TypescriptActivities {
  /** Takes the lease and gathers the plan. Called again it answers the same. */
  startIngestionRun(input: IngestionRunInput): Promise<StartResult>;
  /** The plan with grants for its credentials: one of an earlier release has none. */
  grantCredentials(input: GrantInput): Promise<RunPlan>;
  /**
   * Publishes, or drops, what the run before left pending; answers the plan with the checkpoint
   * that holds now.
   */
  settleIngestionRun(input: SettleInput): Promise<RunPlan>;
  /** Of a rest: how the window has to close, since the unit was changed; null for not at all. */
  waitIngestionRun(input: WaitInput): Promise<WindowClosing | null>;
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
  /**
   * Executes a stored call and stores its result. Called again it asks the vendor again only where
   * that does no harm.
   */
  runMethodCall(input: MethodCallAddress): Promise<void>;
  /** Nobody executes the call any more: it ends, if it has not. */
  endMethodCall(input: MethodCallAddress): Promise<void>;
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
  /** Publishes the connector of an uploaded document. Done before, it does nothing. */
  readConnectorDocument(input: ConnectorRegistrationInput): Promise<void>;
  failConnectorRegistration(input: FailConnectorRegistrationInput): Promise<void>;
  /** Some of the tables that units have landed in, of all tenants. */
  listMaintainedTables(input: { position: LandedUnitsPosition }): Promise<TableListing>;
}

/**
 * Types of the activities that the Python service runs; the names are `ACTIVITY.python`. A failure
 * is an application failure whose type is a code of `ERRORS`, non-retryable where the table says
 * so; `WORKER_BUSY` says that nothing was tried. What the workflows rely on: all of them
 * heartbeat: the timeout is 20 s and a cancel must arrive within 10 s, so the Python worker caps
 * its heartbeat throttle at 5 s; other than `runIngestionUnitPythonWorker`, `collectMetadata` and
 * `maintainTable` they end within 2 minutes; `progress` and `pendingSlice` are written to the run
 * item (`CONTROL_KEY.run`) under the condition `epoch = :epoch AND #status IN ("RUNNING",
 * "WAITING")`, so that an ended or replaced run writes nothing; `askSinkForCommit` raises the
 * sink's fence to `plan.epoch` before it looks, so that what it does not find cannot come later.
 */
export interface PythonActivities {
  runIngestionUnitPythonWorker(input: RunUnitInput): Promise<RunUnitResult>;
  askSinkForCommit(input: AskSinkInput): Promise<AskSinkResult>;
  closeStaging(input: CloseStagingInput): Promise<void>;
  collectMetadata(input: CollectInput): Promise<CollectResult>;
  runProbe(input: RunProbeInput): Promise<RunProbeResult>;
  /** Ends within 10 minutes, done or not. Beside a run of the unit it changes nothing for it. */
  maintainTable(input: MaintainTableInput): Promise<MaintainTableResult>;
}
