/**
 * A tenant with one endpoint and two units, and what people do to it. Each deed answers the keys
 * that its marks are on.
 */

import type { Tables } from "../../adapters/dynamodb/client.ts";
import {
  createEndpoint,
  getEndpoint,
  updateEndpoint,
} from "../../adapters/dynamodb/endpoints/store.ts";
import { type Key, keys } from "../../adapters/dynamodb/keys.ts";
import { requestCancel } from "../../adapters/dynamodb/runs/cancel.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { getTenant, saveTenant } from "../../adapters/dynamodb/tenants/store.ts";
import {
  findUnitConfig,
  listUnitConfigs,
  saveUnitConfig,
} from "../../adapters/dynamodb/units/config-store.ts";
import { DomainError } from "../../schemas/errors.ts";
import { anEndpoint, aRegistered, aUnitConfig, ENDPOINT, SINK } from "../histories/nouns.ts";

export const UNITS = ["jira.issues", "jira.users"] as const;
type UnitId = (typeof UNITS)[number];

export type Deed =
  | { do: "configure"; unitId: UnitId; enabled: boolean; minutes: number | null; paused: boolean }
  | { do: "endpoint"; enabled: boolean; collectEveryHours: number | null }
  | { do: "tenant"; status: "ACTIVE" | "SUSPENDED" }
  | { do: "run"; unitId: UnitId }
  | { do: "cancel" };

export interface World {
  readonly tables: Tables;
  readonly tenantId: string;
  /** Runs that `POST /runs` accepted. */
  readonly posted: string[];
}

export async function aWorld(tables: Tables, tenantId: string): Promise<World> {
  await saveTenant(tables, aRegistered(tenantId), undefined, "platform");
  await createEndpoint(tables, anEndpoint(tenantId), "anna");
  return { tables, tenantId, posted: [] };
}

export async function perform(world: World, deed: Deed): Promise<Key[]> {
  const { tables, tenantId } = world;
  if (deed.do === "configure") return configure(world, deed);
  if (deed.do === "endpoint") return changeEndpoint(world, deed);
  if (deed.do === "tenant") return changeTenant(world, deed.status);
  if (deed.do === "run") return postRun(world, deed.unitId);
  const runId = world.posted.at(-1);
  if (runId === undefined) return [];
  await requestCancel(tables, tenantId, runId, "anna", new Date());
  return [keys.run(tenantId, runId)];
}

async function configure(
  { tables, tenantId }: World,
  { unitId, enabled, minutes, paused }: Extract<Deed, { do: "configure" }>,
): Promise<Key[]> {
  const seen = await findUnitConfig(tables, tenantId, ENDPOINT, unitId);
  const schedule = {
    scheduleKind: minutes ? "INTERVAL" : "MANUAL",
    scheduleIntervalMinutes: minutes,
  } as const;
  const asked = { unitId, enabled, paused, ...schedule, updatedAt: new Date().toISOString() };
  const state = {
    scheduleState: "PENDING",
    scheduleReason: null,
    version: (seen?.version ?? 0) + 1,
  } as const;
  const config = { ...aUnitConfig(), ...seen, ...asked, ...state };

  await saveUnitConfig(tables, tenantId, config, seen, { actor: "anna", action: "config.update" });
  return [keys.unitConfig(tenantId, ENDPOINT, unitId)];
}

async function changeEndpoint(
  { tables, tenantId }: World,
  { enabled, collectEveryHours }: Extract<Deed, { do: "endpoint" }>,
): Promise<Key[]> {
  const seen = await getEndpoint(tables, tenantId, ENDPOINT);
  const changed = {
    enabled,
    collectEveryHours,
    version: seen.version + 1,
    updatedAt: new Date().toISOString(),
  };
  const configs = enabled === seen.enabled ? [] : await listUnitConfigs(tables, tenantId, ENDPOINT);

  await updateEndpoint(tables, { ...seen, ...changed }, seen, "anna", { configs });
  return [
    ...configs.map(({ unitId }) => keys.unitConfig(tenantId, ENDPOINT, unitId)),
    keys.endpoint(tenantId, ENDPOINT),
  ];
}

async function changeTenant(
  { tables, tenantId }: World,
  status: "ACTIVE" | "SUSPENDED",
): Promise<Key[]> {
  const seen = await getTenant(tables, tenantId);
  const changed = { status, version: seen.version + 1, updatedAt: new Date().toISOString() };
  await saveTenant(tables, { ...seen, ...changed }, seen, "platform");
  // Whoever works the tenant's mark off marks these in turn.
  const marked = UNITS.map((unitId) => keys.unitConfig(tenantId, ENDPOINT, unitId));
  return [keys.tenant(tenantId), keys.endpoint(tenantId, ENDPOINT), ...marked];
}

async function postRun({ tables, tenantId, posted }: World, unitId: UnitId): Promise<Key[]> {
  const unit = {
    tenantId,
    endpointId: ENDPOINT,
    unitId,
    sinkId: SINK,
    connector: "jira",
    mode: "FULL",
  } as const;
  const runId = `run_${posted.length + 1}`;
  try {
    await queueRun(tables, { ...unit, runId, trigger: "MANUAL", actor: "anna", now: new Date() });
  } catch (error) {
    if (error instanceof DomainError && error.code === "RUN_ACTIVE") return [];
    throw error;
  }

  posted.push(runId);
  return [keys.run(tenantId, runId)];
}
