/** What a unit's config may be, and what it becomes when it is changed. */
import type { Connector } from "../schemas/connector.ts";
import { policyOf } from "../schemas/policy.ts";
import type { Mode } from "../schemas/scalars.ts";
import type { Unit } from "../schemas/unit.ts";
import type { UnitConfig, UnitConfigInput } from "../schemas/unit-config.ts";
import { mappingFaults } from "./common-data.ts";
import { throwFaults, valueFaults } from "./config-faults.ts";
import type { Fault } from "./json-schema.ts";
import { sinkTraits } from "./sink-traits.ts";

/** The sink of runs that land nowhere but in the knowledge base. */
export const KB_SINK = "kb";

/** The part of a config that people set. */
export type Settings = Pick<
  UnitConfig,
  "enabled" | "mode" | "sinkId" | "scheduleKind" | "scheduleIntervalMinutes" | "policy"
>;

/** What a unit has before anybody configured it. */
export function defaultSettings(unit: Unit, defaultSinkId: string): Settings {
  return {
    enabled: false,
    mode: unit.defaultMode,
    sinkId: defaultSinkId,
    scheduleKind: "MANUAL",
    scheduleIntervalMinutes: null,
    policy: unit.defaultPolicy,
  };
}

/**
 * What is left out keeps its value; a policy that is given stands on the unit's defaults, so that
 * naming one key does not drop the primary keys. A switch to MANUAL drops the interval, and how
 * often is merged with it.
 */
export function mergeSettings(current: Settings, input: UnitConfigInput, unit: Unit): Settings {
  const merged = { ...current, ...defined(input) };
  if (input.policy) merged.policy = { ...unit.defaultPolicy, ...input.policy };
  if (merged.scheduleKind === "MANUAL" && input.scheduleIntervalMinutes === undefined) {
    merged.scheduleIntervalMinutes = null;
    if (!input.policy) merged.policy = withoutWindow(merged.policy);
  }
  return merged;
}

function withoutWindow({
  mergeEveryMinutes: _,
  ...policy
}: Settings["policy"]): Settings["policy"] {
  return policy;
}

export interface SettingsContext {
  readonly unit: Unit;
  /** The units of its endpoint. */
  readonly units: readonly Pick<Unit, "unitId" | "commonData">[];
  /** The chosen sink's connector; null for `kb`; undefined when the tenant has no such sink. */
  readonly sinkType: Connector | null | undefined;
  readonly minimumIntervalMinutes: number;
}

/** Throws `CONFIG_INVALID` with every fault; `others` were found elsewhere. */
export function checkSettings(
  settings: Settings,
  context: SettingsContext,
  others: readonly Fault[] = [],
): void {
  throwFaults("The unit's config is not valid", [...settingsFaults(settings, context), ...others]);
}

/** Every fault of the settings by themselves. */
export function settingsFaults(settings: Settings, context: SettingsContext): Fault[] {
  return [
    ...modeFaults(settings, context),
    ...sinkFaults(settings, context),
    ...scheduleFaults(settings, context.minimumIntervalMinutes),
    ...windowFaults(settings, context.sinkType),
    ...transformFaults(settings.policy),
    ...valueFaults(context.unit.policySchema, settings.policy, "policy"),
  ];
}

/** The settings of a stored config. */
export function settingsOf(config: UnitConfig): Settings {
  const { enabled, mode, sinkId, scheduleKind, scheduleIntervalMinutes, policy } = config;
  return { enabled, mode, sinkId, scheduleKind, scheduleIntervalMinutes, policy };
}

function modeFaults({ mode, policy }: Settings, { unit }: SettingsContext): Fault[] {
  if (!unit.supportedModes.includes(mode)) {
    return [{ path: "mode", message: `must be one of ${unit.supportedModes.join(", ")}` }];
  }
  if (mode === "SCD1" && policyOf(policy).primaryKeys.length === 0) {
    return [
      {
        path: "policy.primaryKeys",
        message: "must name at least one column, since SCD1 merges by it",
      },
    ];
  }
  return [];
}

function sinkFaults(
  { mode, sinkId, policy }: Settings,
  { sinkType, unit, units }: SettingsContext,
): Fault[] {
  if (sinkId === KB_SINK || sinkType === null) return knowledgeBaseFaults(policy, unit);
  if (sinkType === undefined)
    return [{ path: "sinkId", message: "must be a registered sink (GET /sinks) or kb" }];

  const { name, modes } = sinkType;
  const { deletes: wanted, transform } = policyOf(policy);
  const lands =
    `cannot be landed by ${name}, which takes ${modes.join(", ")}. ` +
    "Choose another sink or mode";
  const obeys = wanted === "ignore" || sinkTraits(sinkType).deletes.includes(wanted);

  return [
    ...mappingFaults(sinkType, unit, units, transform !== undefined),
    ...(modes.includes(landingMode(mode)) ? [] : [{ path: "mode", message: lands }]),
    ...(obeys ? [] : [{ path: "policy.deletes", message: `must be ignore: ${name} only appends` }]),
  ];
}

/**
 * How the rows of a mode land: those that a planner of the connector reads land as changes do, so
 * that no sink has to know of it.
 */
const landingMode = (mode: Mode): Mode => (mode === "CUSTOM" ? "INCREMENTAL" : mode);

/**
 * The graph takes records that the connector makes entities of, from staging that both services
 * reach, and deletes none.
 */
function knowledgeBaseFaults(policy: Settings["policy"], unit: Unit): Fault[] {
  const none =
    "must be a registered sink (GET /sinks): " +
    `the knowledge base has no entities of ${unit.unitId}`;
  const kept = "must be ignore: the knowledge base keeps entities until their endpoint is deleted";
  const shared = "must be object_store: the knowledge base is written by another service";
  const asIs = "must be left out: the knowledge base takes records as they are";
  const { deletes, stagingProviderId, transform } = policyOf(policy);

  return [
    ...(unit.entityType ? [] : [{ path: "sinkId", message: none }]),
    ...(deletes === "ignore" ? [] : [{ path: "policy.deletes", message: kept }]),
    ...(stagingProviderId === "object_store"
      ? []
      : [{ path: "policy.stagingProviderId", message: shared }]),
    ...(transform ? [{ path: "policy.transform", message: asIs }] : []),
  ];
}

const WINDOW = "policy.mergeEveryMinutes";

/** What the schema of a policy cannot say of how often it merges. */
function windowFaults(
  { mode, scheduleKind, scheduleIntervalMinutes, policy }: Settings,
  sinkType: Connector | null | undefined,
): Fault[] {
  const { mergeEveryMinutes, primaryKeys, stagingProviderId } = policyOf(policy);
  if (mergeEveryMinutes === undefined) return [];

  const appends = sinkType && !sinkTraits(sinkType).comparesVersions;
  const keyless = sinkType && !appends && primaryKeys.length === 0;
  const least = scheduleIntervalMinutes ?? 0;
  const rules: [isBroken: unknown, message: string][] = [
    [
      scheduleKind === "MANUAL",
      "must be left out, or scheduleKind be INTERVAL: a run that is asked for lands what it reads",
    ],
    [
      mode === "FULL",
      "must be left out, or mode be INCREMENTAL: a full run lands once in any case",
    ],
    [sinkType === null, "must be left out: the knowledge base takes records as they are read"],
    [appends, `must be left out, or the sink be one that merges: ${sinkType?.name} only appends`],
    [keyless, "must be left out, or policy.primaryKeys name the columns to merge by"],
    [mergeEveryMinutes < least, `must be at least ${least}, the interval of the schedule`],
    [
      stagingProviderId !== "object_store",
      "must be left out, or policy.stagingProviderId be object_store, which outlives a process",
    ],
  ];
  return rules.flatMap(([isBroken, message]) => (isBroken ? [{ path: WINDOW, message }] : []));
}

/** What the schema of a policy cannot say of its transform. */
function transformFaults(policy: Settings["policy"]): Fault[] {
  const { transform, primaryKeys, deletes } = policyOf(policy);
  if (!transform) return [];

  const { tool, sql, function: called, filters } = transform;
  const takes = tool === "duckdb" ? "sql" : "function";
  const given = { sql: sql !== undefined, function: called !== undefined };
  const other = takes === "sql" ? "function" : "sql";
  const why = `since ${tool} runs a ${takes === "sql" ? "query" : "function"}`;
  const faults: (Fault | false)[] = [
    !given[takes] && { path: `policy.transform.${takes}`, message: `is required, ${why}` },
    given[other] && { path: `policy.transform.${other}`, message: `must be left out, ${why}` },
    primaryKeys.length === 0 && {
      path: "policy.primaryKeys",
      message: "must name at least one column, since a transform must know which row is which",
    },
    filters === true &&
      deletes !== "ignore" && {
        path: "policy.deletes",
        message:
          "must be ignore: where a transform leaves rows out, nothing tells those from rows " +
          "that are gone",
      },
  ];
  return faults.filter((fault) => fault !== false);
}

function scheduleFaults(
  { scheduleKind, scheduleIntervalMinutes: minutes }: Settings,
  floor: number,
): Fault[] {
  const path = "scheduleIntervalMinutes";
  if (scheduleKind === "MANUAL")
    return minutes === null
      ? []
      : [{ path, message: "must be left out, or scheduleKind be INTERVAL" }];
  if (minutes === null) return [{ path, message: "is required when scheduleKind is INTERVAL" }];
  return minutes < floor ? [{ path, message: `must be at least ${floor}` }] : [];
}

function defined<T extends object>(input: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as never;
}
