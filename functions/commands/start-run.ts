import { ulid } from "ulid";
import {
  type IdempotentRequest,
  oncePerKey,
} from "../../adapters/dynamodb/requests/idempotency.ts";
import { joinRestingRun } from "../../adapters/dynamodb/runs/close-window.ts";
import { toRun } from "../../adapters/dynamodb/runs/items.ts";
import { type QueueRunRequest, queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { findUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { checkSettings, type Settings, settingsOf } from "../../core/unit-config-rules.ts";
import type { Connector } from "../../schemas/connector.ts";
import { DomainError } from "../../schemas/errors.ts";
import { policyOf } from "../../schemas/policy.ts";
import type { Run } from "../../schemas/run.ts";
import type { UnitAddress } from "../../schemas/unit-address.ts";
import type { Deps } from "../runtime/deps.ts";
import { requireActive } from "../runtime/tenant-limits.ts";
import { sinkTypeOf, unitDefaults } from "./configure-unit.ts";
import { readUnit } from "./endpoint-units.ts";
import { onFreeUnits } from "./free-units.ts";

export interface StartRunCommand extends UnitAddress {
  readonly actor: string;
  readonly now: Date;
  readonly idempotency: IdempotentRequest | undefined;
}

/** What every run of a unit that people start has in common. */
export interface Startable {
  readonly settings: Settings;
  readonly sinkType: Connector | null | undefined;
  /** When the unit or its endpoint was changed last. */
  readonly configuredAt: string;
  readonly queue: (
    own: Pick<QueueRunRequest, "mode" | "replayOf" | "redrive" | "refill" | "retainStagingDays">,
  ) => Promise<Run>;
}

/**
 * Queues a run with the unit's config, or with its defaults when nobody configured it. Where a
 * scheduled run waits for the next reading of its window, that one reads now and lands, and is the
 * answer. Throws what `readStartable` does, `RUN_ACTIVE` with the id of the run that has the unit,
 * `QUOTA_EXCEEDED`, or `IDEMPOTENCY_MISMATCH`.
 */
export async function startRun(
  deps: Pick<Deps, "tables" | "defaultQuotas">,
  command: StartRunCommand,
): Promise<Run> {
  return oncePerKey(deps.tables, command, toRun, async () => {
    const { settings, configuredAt, queue } = await readStartable(deps, command);
    const { retainStagingDays, mergeEveryMinutes } = policyOf(settings.policy);
    const { mode, sinkId } = settings;

    const asked = { ...command, mode, sinkId, configuredAt };
    const joined = mergeEveryMinutes && (await joinRestingRun(deps.tables, asked));
    return joined || queue({ mode, retainStagingDays: retainStagingDays || null });
  });
}

/**
 * Reads what a run of the unit works with. Throws `NOT_FOUND`, `ENDPOINT_DISABLED`,
 * `NOT_COLLECTED`, `UNIT_UNKNOWN`, `CONFIG_INVALID` (no sink to land in), or `TENANT_SUSPENDED`.
 */
export async function readStartable(
  deps: Pick<Deps, "tables" | "defaultQuotas">,
  command: StartRunCommand,
): Promise<Startable> {
  const { tables } = deps;
  const { actor, now, idempotency, tenantId, endpointId, unitId } = command;
  const address = { tenantId, endpointId, unitId };
  const { endpoint, unit, descriptors } = await readUnit(tables, address);
  if (!endpoint.enabled) {
    const remedy = "Enable it first: PATCH /endpoints/{endpointId} with enabled: true.";
    throw new DomainError("ENDPOINT_DISABLED", `The endpoint is disabled. ${remedy}`);
  }

  const { quotas } = await requireActive(deps, tenantId);
  const config = await findUnitConfig(tables, tenantId, endpointId, unitId);
  const settings = config
    ? settingsOf(config)
    : await unitDefaults({ tables }, tenantId, unit, now);
  const sinkType = await sinkTypeOf({ tables }, tenantId, settings.sinkId);
  checkSettings(settings, { unit, units: descriptors, sinkType, minimumIntervalMinutes: 1 });

  const queue: Startable["queue"] = (own) =>
    onFreeUnits(deps, command, () =>
      queueRun(tables, {
        ...address,
        ...own,
        trigger: "MANUAL",
        runId: `run_${ulid(now.getTime())}`,
        sinkId: settings.sinkId,
        connector: endpoint.connector,
        actor,
        now,
        idempotency,
        runningLimit: quotas.runningUnits,
      }),
    );
  const changedAt = [endpoint.updatedAt, config?.updatedAt ?? ""].sort();
  return { settings, sinkType, configuredAt: changedAt[1] ?? "", queue };
}
