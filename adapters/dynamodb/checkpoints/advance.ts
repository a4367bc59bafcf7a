/**
 * What follows a commit in the sink: checkpoint, artifact and sums become the truth together
 * (landing protocol, step 6).
 */
import type { AdvanceInput, SettleInput } from "../../../schemas/activities.ts";
import type { Artifact } from "../../../schemas/artifact.ts";
import { NextCheckpoint } from "../../../schemas/checkpoint.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { RunPlan } from "../../../schemas/run-plan.ts";
import type { LandedArtifact, RunUnitResult } from "../../../schemas/run-unit.ts";
import type { Tables } from "../client.ts";
import { keys, runPk } from "../keys.ts";
import { fenced, leaseCheck, ownedState, unitKey, unitOf } from "../runs/fence.ts";
import { artifactItem, PENDING, StoredPendingSlice, type StoredRun } from "../runs/items.ts";
import { getStoredRun } from "../runs/store.ts";
import { absent, all, any, exists, isBelow, isOneOf, matches } from "../table/condition.ts";
import { withKept } from "../table/kept-value.ts";
import { transact } from "../table/transact.ts";
import { type ConditionalWrite, put, update } from "../table/write.ts";
import { unitStateWrites } from "../units/state-store.ts";
import { plannedCheckpoint, type StoredCheckpoint } from "./items.ts";
import { findStoredCheckpoint } from "./store.ts";
import { checkpointWrites, nextCheckpoint } from "./write-version.ts";

/**
 * Publishes a committed slice and answers the plan with the checkpoint that holds now. Called again
 * for a slice that is published it changes nothing. Throws `FENCED` when the run no longer owns its
 * unit.
 */
export async function advanceCheckpoint(
  tables: Tables,
  input: AdvanceInput,
  now: Date,
): Promise<RunPlan> {
  const { plan, result } = input;
  const seen = await findStoredCheckpoint(tables, ...unitOf(plan));
  const run = await getStoredRun(tables, plan.tenantId, plan.runId);
  if (run.committedSlice >= result.slice) return withCheckpoint(plan, seen);
  const publishing = await commitWrites(tables, input, seen, now);
  await transact(tables, [sliceWrite(tables, input), leaseCheck(tables, plan), ...publishing]);
  return withCheckpoint(plan, await findStoredCheckpoint(tables, ...unitOf(plan)));
}

/** A worker of an earlier release knows the older name alone. */
const newCheckpointOf = ({ newCheckpoint, nextCheckpoint }: RunUnitResult) =>
  newCheckpoint === undefined ? nextCheckpoint : newCheckpoint;

/** The writes that make one committed slice the truth: checkpoint with history, and artifact. */
export async function commitWrites(
  tables: Tables,
  { plan, result, stats }: Pick<AdvanceInput, "plan" | "result" | "stats">,
  seen: StoredCheckpoint | undefined,
  now: Date,
): Promise<ConditionalWrite[]> {
  const unit = unitKey(plan);
  const by = { runId: plan.runId, epoch: plan.epoch, stats, now };
  const next = nextCheckpoint(unit, seen, newCheckpointOf(result), by);
  return [
    ...(next ? await checkpointWrites(tables, unit, next, seen) : []),
    ...(result.artifact ? [artifactWrite(tables, plan, plan.runId, result.artifact, now)] : []),
  ];
}

/**
 * Closes the question that a run before left open: what its sink committed is published, what it
 * did not is dropped. Answers the plan with the checkpoint to go on from. Throws `FENCED` when this
 * run no longer owns the unit.
 */
export async function settlePendingSlice(
  tables: Tables,
  input: SettleInput,
  now: Date,
): Promise<RunPlan> {
  const { plan, pending, pendingRunId, answer } = input;
  const state = await ownedState(tables, plan);
  const seen = await findStoredCheckpoint(tables, ...unitOf(plan));
  if (state.settleRunId !== pendingRunId) return withCheckpoint(plan, seen);
  const before = await getStoredRun(tables, plan.tenantId, pendingRunId);

  // A worker that was thought dead may have written again what is long published.
  const lands = answer.committed && pending.slice > before.committedSlice;
  // A reset or rollback since then outranks it: the rows have landed, but the unit goes on from
  // where it was put.
  const replaced = seen !== undefined && seen.epoch > pending.epoch;
  const { stats } = StoredPendingSlice.parse(pending);
  const by = { runId: pendingRunId, epoch: plan.epoch, stats, now };
  const next =
    lands && !replaced
      ? nextCheckpoint(unitKey(plan), seen, await pendingCheckpoint(tables, plan, input), by)
      : undefined;

  await transact(tables, [
    ...unitStateWrites(tables, { ...state, settleRunId: null }, state, fenced),
    settledWrite(tables, before, lands ? pending.slice : before.committedSlice),
    ...(next ? await checkpointWrites(tables, unitKey(plan), next, seen) : []),
    ...(lands && answer.artifact
      ? [artifactWrite(tables, plan, pendingRunId, answer.artifact, now)]
      : []),
  ]);
  return withCheckpoint(plan, next ?? seen);
}

/**
 * Where the pending slice leads; its worker keeps a large cursor beside the run (`kept_value.py`).
 * Null once that is gone: then the checkpoint stays, and what has landed is read and merged again.
 */
async function pendingCheckpoint(
  tables: Tables,
  { tenantId }: RunPlan,
  { pending, pendingRunId }: SettleInput,
) {
  const { nextCheckpoint: next } = pending;
  if (!next) return null;

  try {
    const { cursor } = await withKept(
      tables,
      { cursor: next.cursor },
      runPk(tenantId, pendingRunId),
      ["cursor"],
    );
    return NextCheckpoint.parse({ ...next, cursor });
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

function withCheckpoint(plan: RunPlan, stored: StoredCheckpoint | undefined): RunPlan {
  const checkpoint = plannedCheckpoint(stored);
  return { ...plan, checkpoint, checkpointVersion: stored?.version ?? 0 };
}

function sliceWrite(
  tables: Tables,
  { plan, result, stats, evidence }: AdvanceInput,
): ConditionalWrite {
  const { slice } = result;
  return update(
    tables.control,
    keys.run(plan.tenantId, plan.runId),
    { set: { stats, evidence, committedSlice: slice }, remove: PENDING },
    all(
      matches({ epoch: plan.epoch }),
      isOneOf("status", ["RUNNING", "WAITING"]),
      any(absent("committedSlice"), isBelow("committedSlice", slice)),
    ),
    fenced,
  );
}

function settledWrite(tables: Tables, before: StoredRun, committedSlice: number): ConditionalWrite {
  const settled = { set: { committedSlice }, remove: PENDING };
  return update(tables.control, keys.run(before.tenantId, before.runId), settled, exists());
}

function artifactWrite(
  tables: Tables,
  plan: RunPlan,
  runId: string,
  landed: LandedArtifact,
  now: Date,
): ConditionalWrite {
  // Named by its commit, so that a repeated write is the same item.
  const artifactId = `art_${landed.commitId.replaceAll("/", "_")}`;
  const { endpointId, unitId } = unitKey(plan);
  const artifact: Artifact = {
    artifactId,
    runId,
    endpointId,
    unitId,
    sinkId: plan.sink?.sinkId ?? "kb",
    location: landed.location,
    snapshotId: landed.snapshotId,
    commitId: landed.commitId,
    rows: landed.rows,
    bytes: landed.bytes,
    schemaHash: landed.schemaHash,
    ...(landed.files != null && { files: landed.files }),
    createdAt: now.toISOString(),
  };

  return put(tables.control, artifactItem(plan.tenantId, artifact));
}
