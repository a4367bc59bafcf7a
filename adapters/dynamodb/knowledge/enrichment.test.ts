import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type EntityDraft, entityNode } from "../../../core/knowledge-entities.ts";
import type { NormalizedRecord } from "../../../schemas/knowledge-node.ts";
import type { RunPlan } from "../../../schemas/run-plan.ts";
import { anEndpoint, ENDPOINT, UNIT } from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { endpointItem } from "../endpoints/items.ts";
import { keys } from "../keys.ts";
import { claimUnit } from "../runs/claim.ts";
import { upsertEntities } from "./enrichment.ts";
import { listNodes, listSources } from "./store.ts";

let tables: Tables;
let tenants = 0;
beforeAll(async () => {
  tables = await testTables();
});

/** The plan of a run that has its unit. */
async function aPlan(tenantId = `en${++tenants}`): Promise<RunPlan> {
  const runId = "run_1";
  const { state } = await claimUnit(
    tables,
    {
      tenantId,
      runId,
      endpointId: ENDPOINT,
      unitId: UNIT,
      trigger: "SCHEDULE",
      mode: "INCREMENTAL",
      sinkId: "kb",
      connector: "jira",
      workflowId: "w/run_1",
    },
    new Date(),
  );
  await tables.client.send(
    new PutCommand({ TableName: tables.control, Item: endpointItem(anEndpoint(tenantId)) }),
  );
  const { slug, connector, connectorVersion, config } = anEndpoint(tenantId);
  return {
    tenantId,
    runId,
    unitId: UNIT,
    dataset: UNIT,
    fields: [],
    mode: "INCREMENTAL",
    policy: {},
    epoch: state.epoch,
    trigger: "SCHEDULE",
    sink: null,
    stagingProviderId: "object_store",
    source: {
      endpointId: ENDPOINT,
      slug,
      connector,
      connectorVersion,
      config,
      authType: null,
      credential: null,
    },
    checkpoint: null,
    checkpointVersion: 0,
    landedBefore: null,
  };
}

function drafts(
  plan: RunPlan,
  records: readonly Partial<NormalizedRecord>[],
  batch = 0,
): EntityDraft[] {
  const from = {
    endpointId: ENDPOINT,
    unitId: UNIT,
    epoch: plan.epoch,
    readAt: "2026-01-01T00:00:00.000Z",
  };
  return records.map((changes) =>
    entityNode(
      { entityType: "entity.issue", id: "1", cursor: null, payload: {}, relations: [], ...changes },
      { ...from, batchId: `${plan.runId}/0/${batch}` },
    ),
  );
}

const issues = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: String(n),
    cursor: `2026-01-01T00:00:00.${String(n % 1000).padStart(3, "0")}Z`,
    payload: { key: `A-${n}` },
    relations: [
      { type: "IN_PROJECT", entityType: "entity.project", id: "P" },
      { type: "ASSIGNED_TO", entityType: "entity.person", id: String(n % 3) },
    ],
  }));

const nodesOf = async ({ tenantId }: RunPlan) =>
  (await listNodes(tables, tenantId, { scope: ENDPOINT }, { limit: 1000 })).items;

describe("upsertEntities", () => {
  it("makes a node of each record, and finds it from both ends of its relations", async () => {
    const plan = await aPlan();
    const batch = drafts(plan, issues(120));
    expect(await upsertEntities(tables, plan, batch)).toEqual({
      inserted: 120,
      updated: 0,
      deduplicated: 0,
      unchanged: 0,
    });
    expect(await nodesOf(plan)).toHaveLength(120);
    const project = `entity.project::${ENDPOINT}::P`;
    const { sources } = await listSources(tables, plan.tenantId, project, 1000);
    expect(sources).toHaveLength(120);
    const person = await listSources(tables, plan.tenantId, `entity.person::${ENDPOINT}::0`, 1000);
    expect(person.sources).toHaveLength(40);
  });

  it("counts a batch that is taken again as it was counted first", async () => {
    const plan = await aPlan();
    await upsertEntities(tables, plan, drafts(plan, issues(30).slice(0, 12)));
    expect(await upsertEntities(tables, plan, drafts(plan, issues(30)))).toEqual({
      inserted: 30,
      updated: 0,
      deduplicated: 0,
      unchanged: 0,
    });
    const again = drafts(plan, issues(30), 1);
    const known = { inserted: 0, updated: 0, deduplicated: 30 };
    expect(await upsertEntities(tables, plan, again)).toEqual({ ...known, unchanged: 0 });
    const ofAnotherSlice = again.map((draft) => ({
      ...draft,
      batchId: draft.batchId.replace(/\/\d+\//, "/7/"),
    }));
    expect(await upsertEntities(tables, plan, ofAnotherSlice)).toEqual({ ...known, unchanged: 30 });
  });

  it("moves the edges of what changed, keeps what is newer, counts every record once", async () => {
    const plan = await aPlan();
    const [day1, day2, day3] = [1, 2, 3].map((day) => `2026-01-0${day}T00:00:00.000Z`) as [
      string,
      string,
      string,
    ];
    const to = (id: string) => [{ type: "ASSIGNED_TO", entityType: "entity.person", id }];
    await upsertEntities(tables, plan, drafts(plan, [{ cursor: day2, relations: to("a") }]));
    const mixed = [
      { cursor: day1, relations: to("c") },
      { cursor: day3, relations: to("b") },
      { id: "2", cursor: day1 },
    ];
    expect(await upsertEntities(tables, plan, drafts(plan, mixed, 1))).toEqual({
      inserted: 1,
      updated: 1,
      deduplicated: 1,
      unchanged: 0,
    });
    const assigned = async (id: string) =>
      (await listSources(tables, plan.tenantId, `entity.person::${ENDPOINT}::${id}`, 9)).sources
        .length;
    expect([await assigned("a"), await assigned("b"), await assigned("c")]).toEqual([0, 1, 0]);
  });

  it("writes nothing for a run that lost its unit", async () => {
    const plan = await aPlan();
    const ousted = { ...plan, epoch: plan.epoch - 1 };
    const late = upsertEntities(tables, ousted, drafts(plan, issues(3)));
    await expect(late).rejects.toMatchObject({ code: "FENCED" });
    expect(await nodesOf(plan)).toEqual([]);
  });

  it("writes nothing of an endpoint whose deletion began", async () => {
    const plan = await aPlan();
    const Key = { ...keys.endpoint(plan.tenantId, ENDPOINT) };
    await tables.client.send(new DeleteCommand({ TableName: tables.control, Key }));
    await expect(upsertEntities(tables, plan, drafts(plan, issues(3)))).rejects.toMatchObject({
      code: "FENCED",
    });
    expect(await nodesOf(plan)).toEqual([]);
  });

  it("ends in the same graph in any order of batches, once or twice, cut anywhere", async () => {
    const version = fc.record({
      id: fc.integer({ min: 0, max: 6 }),
      day: fc.integer({ min: 1, max: 28 }),
    });
    const batches = fc.array(fc.array(version, { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(batches, fc.nat(), async (given, cut) => {
        const [told, shuffled] = [await aPlan(), await aPlan()];
        const records = given.map((batch) =>
          batch.map(({ id, day }) => ({
            id: String(id),
            cursor: `2026-01-${String(day).padStart(2, "0")}T00:00:00.000Z`,
            payload: { day },
            relations: [{ type: "CHILD_OF", entityType: "entity.issue", id: String(day % 7) }],
          })),
        );
        for (const [n, batch] of records.entries())
          await upsertEntities(tables, told, drafts(told, batch, n));
        const first = records[0] ?? [];
        await upsertEntities(
          tables,
          shuffled,
          drafts(shuffled, first.slice(0, cut % (first.length + 1))),
        );
        for (const [n, batch] of [...records.entries()].reverse()) {
          const counted = await upsertEntities(tables, shuffled, drafts(shuffled, batch, n));
          expect(counted.inserted + counted.updated + counted.deduplicated).toBe(batch.length);
        }
        const graph = async (plan: RunPlan) =>
          (await nodesOf(plan)).map(({ version: _, ...node }) => node);
        expect(await graph(shuffled)).toEqual(await graph(told));
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});
