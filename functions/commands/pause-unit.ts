import { getUnitConfig, saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import type { Deps } from "../runtime/deps.ts";
import { readUnit } from "./endpoint-units.ts";

export interface PauseUnitCommand extends UnitAddress {
  readonly paused: boolean;
  readonly actor: string;
  readonly now: Date;
}

/**
 * Holds the unit's schedule or lets it go on; its checkpoint stays. Doing it twice changes nothing.
 * Throws `NOT_FOUND` when the unit was never configured, `NOT_COLLECTED` or `UNIT_UNKNOWN`.
 */
export async function pauseUnit(
  { tables }: Pick<Deps, "tables">,
  { paused, actor, now, ...address }: PauseUnitCommand,
): Promise<UnitConfig> {
  await readUnit(tables, address);
  const { tenantId, endpointId, unitId } = address;
  const seen = await getUnitConfig(tables, tenantId, endpointId, unitId);
  if (seen.paused === paused) return seen;

  const changed = { paused, scheduleState: "PENDING" as const, scheduleReason: null };
  const config = { ...seen, ...changed, version: seen.version + 1, updatedAt: now.toISOString() };
  await saveUnitConfig(tables, tenantId, config, seen, {
    actor,
    action: paused ? "unit.pause" : "unit.resume",
  });
  return config;
}
