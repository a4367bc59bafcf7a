import { findEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { findStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import { showWaiting } from "../../adapters/dynamodb/runs/wait.ts";
import { findTenant } from "../../adapters/dynamodb/tenants/store.ts";
import { findUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { planSchedule } from "../../core/schedule-plan.ts";
import type { WaitInput } from "../../schemas/activities.ts";
import type { WindowClosing } from "../../schemas/merge-window.ts";
import type { RunPlan } from "../../schemas/run-plan.ts";
import type { Deps } from "./deps.ts";

/**
 * Shows that a run waits, or that it goes on. At both ends of a rest it looks whether the unit is
 * still what the run was planned for: else what is staged is to land, and nothing more be read.
 * Throws `FENCED` when the run has ended or lost its unit.
 */
export async function waitIngestionRun(
  { tables }: Pick<Deps, "tables">,
  input: WaitInput,
): Promise<WindowClosing | null> {
  await showWaiting(tables, input);
  if (input.rests === undefined) return null;
  return (await isAsPlanned({ tables }, input.plan)) ? null : "LAND";
}

async function isAsPlanned({ tables }: Pick<Deps, "tables">, plan: RunPlan): Promise<boolean> {
  const { tenantId, runId, unitId, source } = plan;
  const [run, config, endpoint, tenant] = await Promise.all([
    findStoredRun(tables, tenantId, runId),
    findUnitConfig(tables, tenantId, source.endpointId, unitId),
    findEndpoint(tables, tenantId, source.endpointId),
    findTenant(tables, tenantId),
  ]);
  const schedule = config && planSchedule(config, endpoint, tenant);
  if (!run?.startedAt || !config || !endpoint || !schedule || schedule.paused) return false;

  const changedAt = [config.updatedAt, endpoint.updatedAt].map(Date.parse);
  return Math.max(...changedAt) <= Date.parse(run.startedAt);
}
