import { ulid } from "ulid";
import { requireDefaultSink } from "../../adapters/dynamodb/sinks/default-sink.ts";
import { findSinkType } from "../../adapters/dynamodb/sinks/sink-type.ts";
import { findSink } from "../../adapters/dynamodb/sinks/store.ts";
import { findUnitConfig, saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import {
  checkSettings,
  defaultSettings,
  KB_SINK,
  mergeSettings,
  type Settings,
  settingsOf,
} from "../../core/unit-config-rules.ts";
import type { Connector } from "../../schemas/connector.ts";
import type { Unit } from "../../schemas/unit.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";
import type { UnitConfig, UnitConfigInput } from "../../schemas/unit-config.ts";
import type { Deps } from "../runtime/deps.ts";
import { readLimits } from "../runtime/tenant-limits.ts";
import { readUnit } from "./endpoint-units.ts";
import { costFaults } from "./estimate-unit.ts";

export interface ConfigureUnit extends UnitAddress {
  readonly input: UnitConfigInput;
  readonly actor: string;
  readonly now: Date;
  /**
   * Called with what is stored before anything is written: throws when the caller read another
   * version.
   */
  readonly guard: (seen: UnitConfig | undefined) => void;
}

/**
 * Creates or changes a unit's config and marks its schedule to be applied. Saying what already
 * holds changes nothing. Throws `NOT_FOUND`, `NOT_COLLECTED`, `UNIT_UNKNOWN`, `CONFIG_INVALID`,
 * `STALE_VERSION` or `QUOTA_EXCEEDED`.
 */
export async function configureUnit(
  deps: Pick<Deps, "tables" | "minimumIntervalMinutes" | "rateLimit" | "defaultQuotas">,
  { input, actor, now, guard, ...address }: ConfigureUnit,
): Promise<{ config: UnitConfig; created: boolean }> {
  const { tables, minimumIntervalMinutes } = deps;
  const { tenantId, endpointId, unitId } = address;
  const known = await readUnit(tables, address);
  const { unit } = known;
  const seen = await findUnitConfig(tables, tenantId, endpointId, unitId);
  guard(seen);

  const current = seen ? settingsOf(seen) : await unitDefaults({ tables }, tenantId, unit, now);
  const settings = mergeSettings(current, input, unit);
  const sinkType = await sinkTypeOf({ tables }, tenantId, settings.sinkId);
  const tooMany = await costFaults(deps, known, settings);
  checkSettings(
    settings,
    { unit, units: known.descriptors, sinkType, minimumIntervalMinutes },
    tooMany,
  );
  if (seen && seen.scheduleState !== "FAILED" && canonicalJson(settings) === canonicalJson(current))
    return { config: seen, created: false };

  const config = nextConfig(unit, seen, settings, now);
  const { quotas } = await readLimits(deps, tenantId);
  const action = seen ? "config.update" : "config.create";
  await saveUnitConfig(tables, tenantId, config, seen, { actor, action, unitsLimit: quotas.units });
  return { config, created: seen === undefined };
}

/** What a unit has that nobody configured: its own defaults, and the tenant's default sink. */
export async function unitDefaults(
  { tables }: Pick<Deps, "tables">,
  tenantId: string,
  unit: Unit,
  now: Date,
): Promise<Settings> {
  const sink = await requireDefaultSink(tables, tenantId, now);
  return defaultSettings(unit, sink?.sinkId ?? "");
}

export async function sinkTypeOf(
  { tables }: Pick<Deps, "tables">,
  tenantId: string,
  sinkId: string,
): Promise<Connector | null | undefined> {
  if (sinkId === KB_SINK) return null;
  const sink = await findSink(tables, tenantId, sinkId);
  return sink && findSinkType(tables, sink);
}

function nextConfig(
  unit: Unit,
  seen: UnitConfig | undefined,
  settings: Settings,
  now: Date,
): UnitConfig {
  const at = now.toISOString();

  return {
    configId: seen?.configId ?? `cfg_${ulid(now.getTime())}`,
    endpointId: unit.endpointId,
    datasetId: unit.datasetId,
    unitId: unit.unitId,
    ...settings,
    paused: seen?.paused ?? false,
    scheduleState: "PENDING",
    scheduleReason: null,
    version: (seen?.version ?? 0) + 1,
    createdAt: seen?.createdAt ?? at,
    updatedAt: at,
  };
}
