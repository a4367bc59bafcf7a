import { afterAll, beforeAll, expect, it } from "vitest";
import { announceCredential } from "../../adapters/dynamodb/credentials/unowned.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import { verifyGrant } from "../../integrations/credentials/grants.ts";
import { TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import type { IngestionRunInput, RunPlan } from "../../schemas/run-plan.ts";
import { ENDPOINT, SINK, UNIT } from "../../tests/histories/nouns.ts";
import { aCommit, failure } from "../../tests/histories/python.ts";
import { aTenantAtWork, openStage, type Stage } from "../../tests/histories/stage.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import type { Deps } from "../activities/deps.ts";
import { startIngestionRun } from "../activities/start-ingestion-run.ts";

const TENANT = "upgraded";
const UNIT_OF = { tenantId: TENANT, endpointId: ENDPOINT, unitId: UNIT } as const;
const grantKey = new Uint8Array(32);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** What a run of an earlier release carries from one history to the next: references alone. */
async function anEarlierPlan(input: IngestionRunInput, id: string): Promise<RunPlan> {
  const deps: Deps = {
    tables: stage.tables,
    environment: "test",
    grantKey,
    defaultQuotas: QUOTAS,
    isWorkflowOpen: async () => false,
    readStaged: async () => new Uint8Array(),
    now: () => new Date(),
  };
  const start = await startIngestionRun(deps, input, id);
  if (start.outcome !== "RUN") throw new Error(`The run does not start: ${start.outcome}`);

  const { source } = start.plan;
  const { grant: _, ...credential } = source.credential ?? { grant: null };
  return { ...start.plan, source: { ...source, credential } as RunPlan["source"] };
}

it("a run that an earlier release planned is given grants, and goes on to its end", async () => {
  const endpoint = { authType: "basic", credentialVersion: "v7" };
  const address = { tenantId: TENANT, ownerId: ENDPOINT, versionId: "v7" };
  await announceCredential(stage.tables, address, new Date());
  await aTenantAtWork(stage.tables, TENANT, endpoint);
  const asked = { mode: "INCREMENTAL", trigger: "MANUAL", actor: "anna" } as const;
  const of = { ...UNIT_OF, runId: "run_1", sinkId: SINK, connector: "jira" };
  await queueRun(stage.tables, { ...of, ...asked, now: new Date() });

  const id = workflowId.run(TENANT, "run_1");
  const input = { ...UNIT_OF, runId: "run_1", trigger: "MANUAL", resume: null } as const;
  const plan = await anEarlierPlan(input, id);
  expect(plan.source.credential).not.toHaveProperty("grant");

  const grants: string[] = [];
  stage.python.runIngestionUnitPythonWorker = async (given) => {
    const { grant } = given.plan.source.credential ?? {};
    if (!grant) throw failure("INTERNAL", "There is no grant. It is given one and goes on.");
    grants.push(grant);
    return aCommit(given, { rows: 3, done: grants.length === 2 });
  };
  const resume = { plan, slice: 0, continuation: null, stats: NO_STATS, evidence: [] };
  const run = await stage.client.workflow.start(WORKFLOW.ingestionRun, {
    workflowId: id,
    taskQueue: TASK_QUEUE.typescript,
    args: [{ ...input, resume }],
  });

  expect(await run.result()).toEqual({ runId: "run_1", status: "COMPLETE" });
  expect(new Set(grants).size).toBe(1);
  const claims = { tenantId: TENANT, ownerId: ENDPOINT, purpose: "run", subject: "run_1" };
  expect(await verifyGrant(grantKey, grants[0] ?? "", new Date())).toMatchObject(claims);
});
