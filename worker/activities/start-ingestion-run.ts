import { findStoredCheckpoint } from "../../adapters/dynamodb/checkpoints/store.ts";
import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { type Claimant, claimUnit } from "../../adapters/dynamodb/runs/claim.ts";
import type { StoredRun } from "../../adapters/dynamodb/runs/items.ts";
import {
  recordTakeover,
  releaseOrphan,
  waitsForBridge,
} from "../../adapters/dynamodb/runs/release.ts";
import { recordSkipped } from "../../adapters/dynamodb/runs/skip.ts";
import { findStoredRun, isActive } from "../../adapters/dynamodb/runs/store.ts";
import { findTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { findUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import type { StoredUnitState } from "../../adapters/dynamodb/units/items.ts";
import { scheduledRunId, workflowId as workflowIds } from "../../adapters/temporal/workflow-ids.ts";
import { openWindow } from "../../core/merge-window.ts";
import { isSuspended, planSchedule } from "../../core/schedule-plan.ts";
import { tenantLimits } from "../../core/tenant-limits.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { MergeWindow } from "../../schemas/merge-window.ts";
import { policyOf } from "../../schemas/policy.ts";
import type { IngestionRunInput, StartResult } from "../../schemas/run-plan.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import type { Lease } from "../../schemas/unit-state.ts";
import { recordCredentialUse } from "./credential-use.ts";
import type { Deps } from "./deps.ts";
import { gatherPlan } from "./run-plan.ts";

const TAKEOVERS = 3;

/**
 * Takes the unit for the run of this workflow, over a run whose workflow is gone if need be, and
 * gathers its plan. A unit that another run has, or a tenant that has enough of them at work, is
 * skipped: a scheduled run is recorded so, with why.
 */
export async function startIngestionRun(
  deps: Deps,
  input: IngestionRunInput,
  workflowId: string,
): Promise<StartResult> {
  const runId = input.runId ?? scheduledRunId(workflowId);
  const claimant = await findClaimant(deps, input, { runId, workflowId });
  if (typeof claimant === "string") return { outcome: "SKIP", runId, reason: claimant };

  const { quotas } = tenantLimits(
    await findTenant(deps.tables, input.tenantId),
    deps.defaultQuotas,
  );

  try {
    return await takeUnit(deps, claimant, quotas.runningUnits);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === "QUOTA_EXCEEDED")) throw error;
    return skip(deps, claimant, error);
  }
}

async function takeUnit(
  deps: Deps,
  claimant: Claimant,
  runningLimit: number,
): Promise<StartResult> {
  const { runId } = claimant;
  let takenFrom: string | null = null;

  for (let takeover = 0; takeover < TAKEOVERS; takeover++) {
    const { claim, state, run } = await claimUnit(deps.tables, claimant, deps.now(), runningLimit);
    if (claim === "LOST")
      return { outcome: "SKIP", runId, reason: "The run was ended before it began." };
    if (run && claim !== "BUSY" && claim !== "ASK") {
      if (takenFrom) await recordTakeover(deps.tables, run, takenFrom, deps.now());
      return startOf(deps, run, state);
    }

    // The mark before the workflow: who clears a mark has started the workflow before.
    const isTaken = claim === "BUSY" || (await waitsForBridge(deps.tables, state));
    if (isTaken || (await deps.isWorkflowOpen(ownerOf(state))))
      return skip(deps, claimant, overlap(state.lease));
    takenFrom = state.lease.state === "FREE" ? null : state.lease.runId;
    await releaseOrphan(deps.tables, state, deps.now());
  }

  throw new Error("The unit kept changing hands. Try again.");
}

/** The run that wants the unit; a sentence when it must not start. */
async function findClaimant(
  { tables, now }: Deps,
  { tenantId, endpointId, unitId, trigger, runId: queuedId }: IngestionRunInput,
  identity: { runId: string; workflowId: string },
): Promise<Claimant | string> {
  const unit = { tenantId, endpointId, unitId, trigger };
  if (queuedId !== null) {
    const run = await findStoredRun(tables, tenantId, queuedId);
    if (!run || !isActive(run.status)) return "The run was ended before it began.";
    if (run.cancelRequested)
      throw new DomainError("CANCELLED", "The run was cancelled. Start it again to continue.");
    return { ...unit, ...identity, mode: run.mode, sinkId: run.sinkId, connector: run.connector };
  }

  const endpoint = await findEndpoint(tables, tenantId, endpointId);
  const config = await findUnitConfig(tables, tenantId, endpointId, unitId);
  if (!endpoint || !config) return "The unit or its endpoint is gone.";
  // A tick that was on its way when the schedule was paused or removed.
  const tenant = await findTenant(tables, tenantId);
  const plan = planSchedule(config, endpoint, tenant);
  if (isSuspended(tenant)) return "The tenant is suspended.";
  if (!plan || plan.paused) return "The schedule was paused or removed.";

  const retainStagingDays = policyOf(config.policy).retainStagingDays || null;
  const { mode, sinkId } = config;
  const { connector } = endpoint;
  const window = await findWindow({ tables, now }, unit, config);
  return { ...unit, ...identity, mode, sinkId, connector, retainStagingDays, window };
}

/** None for a reading from nothing: who waits for first rows, or for a reset, is not kept. */
async function findWindow(
  { tables, now }: Pick<Deps, "tables" | "now">,
  { tenantId, endpointId, unitId }: UnitAddress,
  config: UnitConfig,
): Promise<MergeWindow | null> {
  const window = openWindow(config, now());
  if (window === null) return null;
  const checkpoint = await findStoredCheckpoint(tables, tenantId, endpointId, unitId);
  return checkpoint && !checkpoint.reset ? window : null;
}

async function startOf(deps: Deps, run: StoredRun, state: StoredUnitState): Promise<StartResult> {
  const plan = await gatherPlan(deps, run, state);
  const by = {
    tenantId: run.tenantId,
    actor: `run/${run.runId}`,
    at: run.startedAt ?? run.queuedAt,
  };
  await recordCredentialUse(deps.tables, by, plan.source, plan.sink);

  const before = state.settleRunId
    ? await findStoredRun(deps.tables, run.tenantId, state.settleRunId)
    : undefined;
  if (!before?.pendingSlice) return { outcome: "RUN", plan };
  return { outcome: "SETTLE", plan, pending: before.pendingSlice, pendingRunId: before.runId };
}

async function skip(
  deps: Deps,
  claimant: Claimant,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<StartResult> {
  await recordSkipped(deps.tables, claimant, { code, message }, deps.now());
  return { outcome: "SKIP", runId: claimant.runId, reason: message };
}

function overlap(lease: Lease): { code: string; message: string } {
  const owner = lease.state === "FREE" ? "another run" : `run ${lease.runId}`;
  return { code: "OVERLAP", message: `The unit is taken by ${owner}.` };
}

function ownerOf({ tenantId, lease }: StoredUnitState): string {
  if (lease.state === "HELD") return lease.workflowId;
  return lease.state === "QUEUED" ? workflowIds.run(tenantId, lease.runId) : "";
}
