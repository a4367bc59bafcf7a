import { listAllDatasets } from "../../adapters/dynamodb/catalog/datasets.ts";
import { listUnitDescriptors } from "../../adapters/dynamodb/catalog/units.ts";
import { plannedCheckpoint } from "../../adapters/dynamodb/checkpoints/items.ts";
import { findStoredCheckpoint } from "../../adapters/dynamodb/checkpoints/store.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import type { StoredRun } from "../../adapters/dynamodb/runs/items.ts";
import { getAskedSink } from "../../adapters/dynamodb/sinks/role.ts";
import { findSinkType } from "../../adapters/dynamodb/sinks/sink-type.ts";
import { findUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import type { StoredUnitState } from "../../adapters/dynamodb/units/items.ts";
import { plannedPolicy } from "../../core/planned-policy.ts";
import { requireUnit, unitsOf } from "../../core/unit-catalog.ts";
import { KB_SINK } from "../../core/unit-config-rules.ts";
import { DomainError } from "../../schemas/errors.ts";
import { policyOf } from "../../schemas/policy.ts";
import type { RunPlan } from "../../schemas/run-plan.ts";
import type { Deps } from "./deps.ts";
import { sinkRef, sourceRef } from "./references.ts";
import { replayedRun } from "./replayed-run.ts";

/**
 * Everything the run needs, read after it took the unit. Throws what keeps it from running:
 * `ENDPOINT_DISABLED`, `NOT_COLLECTED`, `UNIT_UNKNOWN`, `NOT_FOUND` of its endpoint or sink, or
 * what refuses a replay.
 */
export async function gatherPlan(
  deps: Deps,
  run: StoredRun,
  state: StoredUnitState,
): Promise<RunPlan> {
  const { tables } = deps;
  const { tenantId, endpointId, unitId, replayOf, redrive, refill, window } = run;
  const endpoint = await getEndpoint(tables, tenantId, endpointId);
  if (!endpoint.enabled) {
    throw new DomainError(
      "ENDPOINT_DISABLED",
      "The endpoint is disabled. Enable it: PATCH /endpoints/{endpointId}.",
    );
  }

  const descriptors = await listUnitDescriptors(tables, endpoint);
  const datasets = await listAllDatasets(tables, tenantId, endpointId, ["fields"]);
  const unit = requireUnit(endpoint, unitsOf(descriptors, endpoint, datasets), unitId);
  const dataset = datasets.find((one) => one.datasetId === unit.datasetId);
  const config = await findUnitConfig(tables, tenantId, endpointId, unitId);
  const asked = run.sinkId === KB_SINK ? null : await getAskedSink(tables, tenantId, run.sinkId);
  const sink = asked?.sink;
  const sinkType = sink ? await findSinkType(tables, sink) : null;
  const said = policyOfRun(run, { ...unit.defaultPolicy, ...config?.policy });
  const policy = plannedPolicy(said, unit, sinkType);
  const checkpoint = await findStoredCheckpoint(tables, tenantId, endpointId, unitId);
  const since = run.startedAt ?? run.queuedAt;
  const givenTo = { purpose: "run", subject: run.runId, since } as const;

  return {
    tenantId,
    runId: run.runId,
    unitId,
    mode: landingMode(run),
    trigger: run.trigger,
    epoch: state.epoch,
    dataset: dataset?.name ?? unitId,
    fields: dataset?.fields ?? [],
    policy,
    source: await sourceRef(deps, endpoint, givenTo),
    sink: asked && (await sinkRef(deps, asked, givenTo)),
    stagingProviderId: policyOf(policy).stagingProviderId,
    checkpoint: plannedCheckpoint(checkpoint),
    checkpointVersion: checkpoint?.version ?? 0,
    landedBefore: state.fullRead,
    ...(replayOf &&
      sink && { replay: await replayedRun(deps, { tenantId, replayOf }, { sink, policy }) }),
    ...(redrive && { redrive }),
    ...(refill && { refill }),
    ...(window && { window }),
  };
}

/** How long the run's staging is kept says the run, which is asked for it when it is over. */
function policyOfRun(
  { retainStagingDays }: StoredRun,
  { retainStagingDays: _, ...policy }: RunPlan["policy"],
) {
  return retainStagingDays ? { ...policy, retainStagingDays } : policy;
}

/**
 * A replay bears the mode of its run, and is merged whatever that one did: what has landed since
 * stays.
 */
const landingMode = ({ mode, replayOf }: Pick<StoredRun, "mode" | "replayOf">) =>
  replayOf === null ? mode : "INCREMENTAL";
