import { getConnector } from "../../../adapters/dynamodb/registry/connectors.ts";
import { findUnitConfig } from "../../../adapters/dynamodb/units/config-store.ts";
import { plannedPolicy } from "../../../core/planned-policy.ts";
import {
  changeWarnings,
  estimateChangesRead,
  estimateFaults,
  estimateFullRead,
} from "../../../core/run-estimate.ts";
import { mergeSettings, settingsFaults, settingsOf } from "../../../core/unit-config-rules.ts";
import type { PlanUnitConfig } from "../../../schemas/operations/units.ts";
import { policyOf } from "../../../schemas/policy.ts";
import type { UnitEstimate } from "../../../schemas/run-estimate.ts";
import { sinkTypeOf, unitDefaults } from "../../commands/configure-unit.ts";
import { readUnit } from "../../commands/endpoint-units.ts";
import { readFacts } from "../../commands/estimate-unit.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function planUnitConfig(
  { path, body, identity, now }: Request<typeof PlanUnitConfig>,
  deps: Pick<Deps, "tables" | "minimumIntervalMinutes" | "rateLimit">,
): Promise<Answer> {
  const { tables, minimumIntervalMinutes } = deps;
  const { tenantId } = identity;
  const { endpointId, unitId } = path;
  const known = await readUnit(tables, { tenantId, ...path });
  const { endpoint, unit } = known;
  const connector = await getConnector(
    tables,
    endpoint.tenantId,
    endpoint.connector,
    endpoint.connectorVersion,
  );
  const seen = await findUnitConfig(tables, tenantId, endpointId, unitId);

  const current = seen ? settingsOf(seen) : await unitDefaults(deps, tenantId, unit, now);
  const settings = mergeSettings(current, body, unit);
  const sinkType = await sinkTypeOf(deps, tenantId, settings.sinkId);
  const facts = await readFacts(deps, connector, known, settings);

  const full = estimateFullRead(facts);
  const changesOnly = settings.mode !== "FULL";
  const errors = [
    ...settingsFaults(settings, {
      unit,
      units: known.descriptors,
      sinkType,
      minimumIntervalMinutes,
    }),
    ...(settings.enabled ? estimateFaults(full, facts.cost, facts.maxPerRecordCalls) : []),
  ];

  const estimate: UnitEstimate = {
    endpointId,
    unitId,
    valid: errors.length === 0,
    errors,
    warnings: changeWarnings(current, settings, changesOnly && facts.hasCheckpoint),
    deletes: policyOf(plannedPolicy(settings.policy, unit, sinkType)).deletes,
    nextRun: changesOnly && facts.hasCheckpoint ? estimateChangesRead(facts) : full,
    laterRuns: changesOnly ? estimateChangesRead(facts) : null,
    maxPerRecordCalls: facts.maxPerRecordCalls,
  };
  return ok(estimate);
}
