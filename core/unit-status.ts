import type { UnitConfig } from "../schemas/unit-config.ts";
import type { UnitState, UnitStatus } from "../schemas/unit-state.ts";
import { nextRunAt } from "./next-run.ts";

/** State joined with schedule: how a unit stands. */
export function unitStatus(
  unit: { readonly endpointId: string; readonly unitId: string },
  state: UnitState | undefined,
  config: UnitConfig | undefined,
  endpoint: { readonly enabled: boolean },
  nowMs: number,
): UnitStatus {
  return {
    endpointId: unit.endpointId,
    unitId: unit.unitId,
    status: state?.lastStatus ?? "IDLE",
    runId: state?.lastRunId ?? null,
    startedAt: state?.startedAt ?? null,
    finishedAt: state?.finishedAt ?? null,
    nextRunAt: nextRunAt(config, endpoint, state?.startedAt ?? null, nowMs),
    paused: config?.paused ?? false,
    stats: state?.stats ?? null,
    error: state?.error ?? null,
  };
}
