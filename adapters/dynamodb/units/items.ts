import * as z from "zod";
import { isGoodRead } from "../../../core/freshness.ts";
import type { RunStatus } from "../../../schemas/run.ts";
import { Count, Id, Instant } from "../../../schemas/scalars.ts";
import { UnitConfig } from "../../../schemas/unit-config.ts";
import { UnitState } from "../../../schemas/unit-state.ts";
import type { Item } from "../client.ts";
import { configsByTenant, keys, unitPlace } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";

const shownConfig = z.object(UnitConfig.shape);
const shownState = z.object(UnitState.shape);

export const toUnitConfig = (item: Item): UnitConfig => shownConfig.parse(item);
export const toUnitState = (item: Item): UnitState => shownState.parse(item);

/** A config always carries the mark: whoever writes one wants its schedule looked at. */
export const unitConfigItem = (tenantId: string, config: UnitConfig, now: Date): Item => ({
  ...keys.unitConfig(tenantId, config.endpointId, config.unitId),
  entity: "unit-config",
  tenantId,
  ...config,
  gsi1pk: configsByTenant(tenantId),
  gsi1sk: unitPlace(config.endpointId, config.unitId),
  ...pendingMark("unit-config", now),
});

/** Older states have it of their last run only, as long as no other run has begun. */
function withLastGoodRun(item: unknown): unknown {
  const state = item as Item;
  if (state.lastGoodAt !== undefined) return state;
  return {
    ...state,
    lastGoodAt: isGoodRead(state.lastStatus as RunStatus) ? state.finishedAt : null,
  };
}

/**
 * A unit state with `settleRunId`, the run whose pending slice must be asked after before anything
 * else is read, and `lastGoodAt`, the end of the last run that read its source well.
 */
export const StoredUnitState = z.preprocess(
  withLastGoodRun,
  z.object({
    ...UnitState.shape,
    tenantId: Id,
    settleRunId: Id.nullable().default(null),
    fullRead: Count.nullable().default(null),
    lastGoodAt: Instant.nullable(),
    pendingAt: z.string().nullable().default(null),
  }),
);
export type StoredUnitState = z.infer<typeof StoredUnitState>;
