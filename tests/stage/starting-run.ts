/** What a run starts from: a tenant with a configured unit, a tick of its schedule, a queue. */
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { endpointItem } from "../../adapters/dynamodb/endpoints/items.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { IngestionRunInput } from "../../schemas/run-plan.ts";
import type { UnitConfig } from "../../schemas/unit-config.ts";
import type { Deps } from "../../worker/activities/deps.ts";
import { anEndpoint, aUnitConfig, ENDPOINT, SINK, UNIT } from "../histories/nouns.ts";
import { aTenantAtWork } from "../histories/stage.ts";
import { testTables } from "./emulator.ts";
import { QUOTAS } from "./quotas.ts";

export const TICK = "t/x/e/ep/u/jira.issues/run-2026-01-01T00:05:00Z";

export const tables = await testTables();

export const withWorkflows = (...open: string[]): Deps => ({
  tables,
  environment: "test",
  grantKey: new Uint8Array(32),
  defaultQuotas: QUOTAS,
  isWorkflowOpen: async (id) => open.includes(id),
  readStaged: async () => new Uint8Array(),
  now: () => new Date(),
});

export function aTick(tenantId: string): IngestionRunInput {
  return {
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    runId: null,
    trigger: "SCHEDULE",
    resume: null,
  };
}

export async function aTenant(
  tenantId: string,
  changes: { config?: Partial<UnitConfig>; endpoint?: Partial<Endpoint> } = {},
) {
  await aTenantAtWork(tables, tenantId);
  const endpoint = endpointItem(anEndpoint(tenantId, changes.endpoint));
  await tables.client.send(new PutCommand({ TableName: tables.control, Item: endpoint }));
  const by = { actor: "anna", action: "unit.configure" };
  await saveUnitConfig(tables, tenantId, aUnitConfig(changes.config), undefined, by);
  return tenantId;
}

export async function aQueuedRun(tenantId: string, sinkId = SINK): Promise<IngestionRunInput> {
  const unit = {
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    sinkId,
    connector: "jira",
    mode: "INCREMENTAL",
  } as const;
  await queueRun(tables, {
    ...unit,
    runId: "run_1",
    trigger: "MANUAL",
    actor: "anna",
    now: new Date(),
  });
  return { ...aTick(tenantId), runId: "run_1", trigger: "MANUAL" };
}
