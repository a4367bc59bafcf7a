import {
  findCheckpoint,
  findCheckpointVersion,
} from "../../adapters/dynamodb/checkpoints/store.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { getConnector } from "../../adapters/dynamodb/registry/connectors.ts";
import { findRun } from "../../adapters/dynamodb/runs/store.ts";
import { findStoredUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { effectiveLimits, pointsPerHour } from "../../core/effective-limits.ts";
import type { Fault } from "../../core/json-schema.ts";
import {
  type EstimateFacts,
  estimateFaults,
  estimateFullRead,
  type KnownRecords,
} from "../../core/run-estimate.ts";
import type { Settings } from "../../core/unit-config-rules.ts";
import type { Connector, UnitDescriptor } from "../../schemas/connector.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { policyOf } from "../../schemas/policy.ts";
import type { Deps } from "../runtime/deps.ts";
import type { EndpointUnit } from "./endpoint-units.ts";

/**
 * What is known of a unit's runs and the vendor's limits, and how many calls of one record each are
 * allowed.
 */
export interface UnitFacts extends EstimateFacts {
  readonly maxPerRecordCalls: number;
  readonly hasCheckpoint: boolean;
}

/**
 * The faults of a config that would make more calls of one record each than are allowed. One that
 * is off makes none.
 */
export async function costFaults(
  deps: Pick<Deps, "tables" | "rateLimit">,
  known: EndpointUnit,
  settings: Settings,
): Promise<Fault[]> {
  if (!settings.enabled) return [];
  if (!costOf(known)?.steps.some(({ recordsPerCall }) => recordsPerCall === 1)) return [];
  const { tenantId, connector: name, connectorVersion } = known.endpoint;
  const connector = await getConnector(deps.tables, tenantId, name, connectorVersion);
  const facts = await readFacts(deps, connector, known, settings);
  return estimateFaults(estimateFullRead(facts), facts.cost, facts.maxPerRecordCalls);
}

export async function readFacts(
  { tables, rateLimit }: Pick<Deps, "tables" | "rateLimit">,
  connector: Connector,
  { endpoint, unit, descriptors }: EndpointUnit,
  { mode, policy }: Settings,
): Promise<UnitFacts> {
  const { tenantId, endpointId } = endpoint;
  const cost = costOf({ unit, descriptors });
  const limits = effectiveLimits(rateLimit, connector.rateLimit, endpoint.config);
  const datasets = [...new Set(cost?.steps.map(({ dataset }) => dataset))];
  const [state, checkpoint, ...counts] = await Promise.all([
    findStoredUnitState(tables, tenantId, endpointId, unit.unitId),
    findCheckpoint(tables, tenantId, endpointId, unit.unitId),
    ...datasets.map((dataset) => knownRecords(tables, endpoint, descriptors, dataset)),
  ]);

  const known = datasets.flatMap((dataset, at) => {
    const count = counts[at];
    return count ? [[dataset, count] as const] : [];
  });
  // The run that made the first checkpoint read everything.
  const ofChanges = mode !== "FULL" && (checkpoint?.version ?? 0) > 1;

  return {
    cost,
    known: new Map(known),
    hasFilters: Object.keys(policyOf(policy).filters).length > 0,
    lastRun:
      state?.lastStatus === "COMPLETE" && state.stats ? { ...state.stats, ofChanges } : undefined,
    requestsPerSecond: limits.requestsPerSecond.value,
    pointsPerHour: pointsPerHour(connector.rateLimit, endpoint.authType, endpoint.config)?.value,
    maxPerRecordCalls: limits.maxPerRecordCalls.value,
    hasCheckpoint: checkpoint !== undefined,
  };
}

const costOf = ({ unit, descriptors }: Pick<EndpointUnit, "unit" | "descriptors">) =>
  descriptors.find(({ unitId }) => unitId === unit.unitId)?.cost ?? undefined;

/** What the last full reading of the dataset's unit found, or else the run that landed it first. */
async function knownRecords(
  tables: Tables,
  { tenantId, endpointId }: Endpoint,
  descriptors: readonly UnitDescriptor[],
  dataset: string,
): Promise<KnownRecords | undefined> {
  const unitId = descriptors.find((one) => one.dataset === dataset)?.unitId ?? dataset;
  const state = await findStoredUnitState(tables, tenantId, endpointId, unitId);
  if (typeof state?.fullRead === "number")
    return { records: state.fullRead, basis: "LAST_FULL_READ" };
  const first = state && (await findCheckpointVersion(tables, tenantId, endpointId, unitId, 1));
  const run = first && !first.reset && (await findRun(tables, tenantId, first.lastRunId));
  return run ? { records: run.stats.read, basis: "FIRST_LANDING" } : undefined;
}
