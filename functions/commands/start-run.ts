import { ulid } from "ulid";
import type { IdempotentRequest } from "../../adapters/dynamodb/idempotency-store.ts";
import { queueRun } from "../../adapters/dynamodb/run-lifecycle.ts";
import { findUnitConfig } from "../../adapters/dynamodb/unit-config-store.ts";
import { checkSettings, settingsOf } from "../../core/unit-config-rules.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Run } from "../../schemas/run.ts";
import type { Deps } from "../runtime/deps.ts";
import { requireActive } from "../runtime/tenant-limits.ts";
import { sinkTypeOf, unitDefaults } from "./configure-unit.ts";
import { readUnit, type UnitAddress } from "./endpoint-units.ts";

export interface StartRunCommand extends UnitAddress {
  readonly actor: string;
  readonly now: Date;
  readonly idempotency: IdempotentRequest | undefined;
}

/**
 * Queues a run with the unit's config, or with its defaults when nobody configured it. Throws `NOT_FOUND`,
 * `ENDPOINT_DISABLED`, `NOT_COLLECTED`, `UNIT_UNKNOWN`, `CONFIG_INVALID` (no sink to land in), `RUN_ACTIVE` with the id of
 * the run that has the unit, `TENANT_SUSPENDED`, `QUOTA_EXCEEDED`, or `IDEMPOTENCY_MISMATCH`.
 */
export async function startRun(deps: Pick<Deps, "tables" | "defaultQuotas">, command: StartRunCommand): Promise<Run> {
  const { tables } = deps;
  const { actor, now, idempotency, ...address } = command;
  const { tenantId, endpointId, unitId } = address;
  const { endpoint, unit } = await readUnit(tables, address);
  if (!endpoint.enabled) {
    const remedy = "Enable it first: PATCH /endpoints/{endpointId} with enabled: true.";
    throw new DomainError("ENDPOINT_DISABLED", `The endpoint is disabled. ${remedy}`);
  }
  const { quotas } = await requireActive(deps, tenantId);
  const config = await findUnitConfig(tables, tenantId, endpointId, unitId);
  const settings = config ? settingsOf(config) : await unitDefaults({ tables }, tenantId, unit);
  const sinkType = await sinkTypeOf({ tables }, tenantId, settings.sinkId);
  checkSettings(settings, { unit, sinkType, minimumIntervalMinutes: 1 });
  return queueRun(tables, {
    ...address,
    trigger: "MANUAL",
    runId: `run_${ulid(now.getTime())}`,
    mode: settings.mode,
    sinkId: settings.sinkId,
    connector: endpoint.connector,
    actor,
    now,
    idempotency,
    runningLimit: quotas.runningUnits,
  });
}
