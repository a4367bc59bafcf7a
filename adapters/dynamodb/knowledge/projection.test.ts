import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { isKeptAtTarget } from "../../../core/knowledge-edges.ts";
import { NO_STATS } from "../../../core/run-stats.ts";
import type { KbNode } from "../../../schemas/knowledge-node.ts";
import type { Run } from "../../../schemas/run.ts";
import {
  aConnector,
  aDataset,
  anEndpoint,
  aSink,
  aUnitConfig,
  ENDPOINT,
  UNIT,
} from "../../../tests/histories/nouns.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { endpointItem } from "../endpoints/items.ts";
import { type Key, kbScopePk, keys } from "../keys.ts";
import { publishManifest } from "../registry/connectors.ts";
import { artifactItem, runItem, toRun } from "../runs/items.ts";
import { sinkItem } from "../sinks/items.ts";
import { listAll } from "../table/page.ts";
import { unitConfigItem } from "../units/items.ts";
import { edgeInKey, nodeItem } from "./items.ts";
import { project } from "./projection.ts";
import { removeEndpointNodes, removeSomeEndpointNodes, removeTenantNodes } from "./removal.ts";
import { findNode, listNodes, listSources } from "./store.ts";

let tables: Tables;
let tenants = 0;
const aTenant = () => `kb${++tenants}`;
beforeAll(async () => {
  tables = await testTables();
  await publishManifest(tables, { workerVersion: "1.0.0", connectors: [aConnector()] });
});

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

/** Parsed, so that what a run has beside this has its defaults. */
const aRun = (tenantId: string, changes: Partial<Run> = {}): Run =>
  toRun({
    runId: "run_1",
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    connector: "jira",
    sinkId: "lake",
    mode: "FULL",
    trigger: "MANUAL",
    status: "COMPLETE",
    waiting: null,
    epoch: 1,
    queuedAt: at(0),
    startedAt: at(1),
    finishedAt: at(2),
    progress: null,
    stats: NO_STATS,
    evidence: [],
    error: null,
    cancelRequested: false,
    ...changes,
  });

const anArtifact = (n: number) => ({
  artifactId: `art_run_1_${n}`,
  runId: "run_1",
  endpointId: ENDPOINT,
  unitId: UNIT,
  sinkId: "lake",
  location: "lake.jira.issues",
  snapshotId: `${n}`,
  commitId: `run_1/${n}`,
  rows: n,
  bytes: n,
  schemaHash: null,
  createdAt: at(n),
});

/** What can happen to a tenant's items: each puts one, or takes one away. */
type Change = { key: Key; item: Record<string, unknown> | null };
const CHANGES: readonly ((tenantId: string, n: number) => Change)[] = [
  (t, n) => put(endpointItem(anEndpoint(t, { name: `Jira ${n}`, updatedAt: at(n) }))),
  (t, n) =>
    put({
      ...keys.dataset(t, ENDPOINT, UNIT),
      entity: "dataset",
      tenantId: t,
      ...aDataset(),
      collectedAt: at(n),
    }),
  (t, n) =>
    put({
      ...keys.dataset(t, ENDPOINT, UNIT),
      entity: "dataset",
      ...aDataset(),
      vanished: n % 2 === 0,
    }),
  (t, n) =>
    put(
      unitConfigItem(
        t,
        aUnitConfig({ sinkId: ["lake", "other", "kb"][n % 3] ?? "kb", updatedAt: at(n) }),
        new Date(0),
      ),
    ),
  (t) => ({ key: keys.unitConfig(t, ENDPOINT, UNIT), item: null }),
  (t, n) => put(sinkItem({ ...aSink(t), name: `Lake ${n}`, updatedAt: at(n) })),
  (t) => ({ key: keys.sink(t, "lake"), item: null }),
  (t, n) => put(runItem(aRun(t, { status: n % 2 ? "COMPLETE" : "FAILED" }))),
  (t, n) => put(artifactItem(t, anArtifact(n % 3))),
  (t, n) => put(unitsItem(t, ...[UNIT, FORM].slice(0, n % 3))),
];

/** A unit of the same dataset that no manifest lists. */
const FORM = "jira.forms";

/** What a collection stores of the units that it found. */
function unitsItem(tenantId: string, ...unitIds: string[]): Record<string, unknown> {
  const units = unitIds.flatMap((unitId) =>
    aConnector().units.map((descriptor) => ({ ...descriptor, unitId })),
  );
  const found = { connectorVersion: "1.0.0", units };
  return { ...keys.catalogUnits(tenantId, ENDPOINT), entity: "catalog-units", ...found };
}

function put(item: Record<string, unknown>): Change {
  return { key: { pk: String(item.pk), sk: String(item.sk) }, item };
}

async function apply({ key, item }: Change): Promise<void> {
  const TableName = tables.control;
  if (item) await tables.client.send(new PutCommand({ TableName, Item: item }));
  else await tables.client.send(new DeleteCommand({ TableName, Key: { ...key } }));
}

const all = async (tenantId: string) =>
  (await listNodes(tables, tenantId, {}, { limit: 100 })).items;
/** How often a node was written is no part of what it says. */
const said = (nodes: KbNode[]) => nodes.map(({ version: _, ...node }) => node);

/** The edges at their targets, as keys. */
async function edgesIn(tenantId: string): Promise<Key[]> {
  const scopes = [ENDPOINT, "tenant"].map((scope) =>
    listAll(
      tables,
      { pk: kbScopePk(tenantId, scope), prefix: "IN#" },
      ({ pk, sk }): Key => ({ pk, sk }) as Key,
    ),
  );
  return (await Promise.all(scopes))
    .flat()
    .sort((a, b) => (`${a.pk} ${a.sk}` < `${b.pk} ${b.sk}` ? -1 : 1));
}

const edgesOut = (tenantId: string, nodes: KbNode[]) =>
  nodes
    .flatMap(({ logicalId, edges }) =>
      edges.filter(isKeptAtTarget).map((edge) => edgeInKey(tenantId, logicalId, edge)),
    )
    .sort((a, b) => (`${a.pk} ${a.sk}` < `${b.pk} ${b.sk}` ? -1 : 1));

/** A whole tenant, each item told of once. */
async function aKnownTenant(): Promise<string> {
  const tenantId = aTenant();
  for (const n of [0, 1, 3, 5, 7, 8]) {
    const change = CHANGES[n]?.(tenantId, n === 3 ? 0 : 1);
    if (change) await apply(change);
    if (change) await project(tables, change.key);
  }
  return tenantId;
}

describe("the projection", () => {
  it("makes a unit's node as document 001 section 6 prints it", async () => {
    const tenantId = await aKnownTenant();
    expect(await findNode(tables, tenantId, `ingestion::${ENDPOINT}::${UNIT}`)).toMatchObject({
      entityType: "ingestion.unit",
      scope: ENDPOINT,
      payload: { mode: "INCREMENTAL", scheduleKind: "INTERVAL" },
      edges: [
        { type: "CONFIGURES", target: `catalog::${ENDPOINT}::${UNIT}` },
        { type: "LANDS_IN", target: "sink::lake" },
      ],
    });
  });

  it("knows a unit before anybody configured it, and a run with what it landed first", async () => {
    const tenantId = aTenant();
    for (const n of [0, 1]) await apply(CHANGES[n]?.(tenantId, 1) as Change);
    await project(tables, keys.dataset(tenantId, ENDPOINT, UNIT));
    const unit = await findNode(tables, tenantId, `ingestion::${ENDPOINT}::${UNIT}`);
    expect(unit).toMatchObject({ payload: { configured: false, mode: "INCREMENTAL" } });
    await apply(put(runItem(aRun(tenantId, { status: "RUNNING", finishedAt: null }))));
    await apply(put(artifactItem(tenantId, anArtifact(1))));
    expect(await project(tables, keys.artifact(tenantId, "art_run_1_1"))).toBe(2);
    expect(await findNode(tables, tenantId, `run::${ENDPOINT}::run_1`)).toMatchObject({
      payload: { status: "RUNNING" },
    });
  });

  it("knows a unit that only a collection found, until one does not find it again", async () => {
    const tenantId = await aKnownTenant();
    const known = async () =>
      (await all(tenantId))
        .filter(({ entityType }) => entityType === "ingestion.unit")
        .map(({ payload }) => payload.unitId);
    await apply(put(unitsItem(tenantId, UNIT, FORM)));
    await project(tables, keys.catalogUnits(tenantId, ENDPOINT));
    expect(await known()).toEqual([FORM, UNIT]);

    await apply(put(unitsItem(tenantId)));
    await project(tables, keys.catalogUnits(tenantId, ENDPOINT));
    // The other has a config, which stays though its unit is not found.
    expect(await known()).toEqual([UNIT]);
  });

  it("writes nothing when nothing changed", async () => {
    const tenantId = await aKnownTenant();
    const before = await all(tenantId);
    expect(before).toHaveLength(6);
    expect(await project(tables, keys.unitConfig(tenantId, ENDPOINT, UNIT))).toBe(0);
    expect(await all(tenantId)).toEqual(before);
  });

  it("writes no node of an endpoint that is gone, whatever of it is still there", async () => {
    const tenantId = await aKnownTenant();
    await apply({ key: keys.endpoint(tenantId, ENDPOINT), item: null });
    expect(await removeEndpointNodes(tables, tenantId, ENDPOINT)).toBeGreaterThan(0);
    expect(await project(tables, keys.unitConfig(tenantId, ENDPOINT, UNIT))).toBe(0);
    expect(await project(tables, keys.run(tenantId, "run_1"))).toBe(0);
    expect((await all(tenantId)).map(({ entityType }) => entityType)).toEqual(["sink"]);
    expect(await edgesIn(tenantId)).toEqual([]);
    expect(await removeTenantNodes(tables, tenantId)).toBe(1);
    expect(await all(tenantId)).toEqual([]);
  });

  it("is removed page by page, the endpoint's own node last", async () => {
    const tenantId = await aKnownTenant();
    const issue = {
      entityType: "entity.issue",
      scope: ENDPOINT,
      edges: [],
      updatedAt: at(0),
      version: 1,
    };
    for (let n = 0; n < 30; n++) {
      const payload = { text: "x".repeat(50_000) };
      await apply(
        put(
          nodeItem(tenantId, { ...issue, logicalId: `entity.issue::${ENDPOINT}::${n}`, payload }),
        ),
      );
    }
    await apply({ key: keys.endpoint(tenantId, ENDPOINT), item: null });
    expect(await project(tables, keys.endpoint(tenantId, ENDPOINT))).toBe(0);
    expect(await removeSomeEndpointNodes(tables, tenantId, ENDPOINT)).toBeGreaterThan(0);
    const left = (await listNodes(tables, tenantId, { scope: ENDPOINT }, { limit: 100 })).items;
    expect(left.map(({ entityType }) => entityType)).toEqual(
      expect.arrayContaining(["endpoint", "entity.issue"]),
    );
    for (let some = 1; some > 0; ) some = await removeSomeEndpointNodes(tables, tenantId, ENDPOINT);
    expect((await all(tenantId)).map(({ entityType }) => entityType)).toEqual(["sink"]);
  });

  it("is the same graph whatever changes come late, twice, together or out of order", async () => {
    const change = fc.record({
      kind: fc.nat(CHANGES.length - 1),
      n: fc.nat(5),
      late: fc.boolean(),
      twice: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        async (steps, dice) => {
          const [told, once] = [aTenant(), aTenant()];
          const first = { kind: 0, n: 0, late: true, twice: false };
          const owed: Key[] = [];
          const final = new Map<string, Change>();
          for (const step of [first, ...steps]) {
            const [one, other] = [told, once].map((t) => CHANGES[step.kind]?.(t, step.n)) as [
              Change,
              Change,
            ];
            await apply(one);
            final.set(`${one.key.pk} ${one.key.sk}`, other);
            if (step.late) owed.push(one.key);
            else
              await Promise.all(
                [one.key, ...(step.twice ? [one.key] : [])].map((key) => project(tables, key)),
              );
          }
          const shuffled = owed
            .map((key) => ({ key, at: dice.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at);
          await Promise.all(shuffled.map(({ key }) => project(tables, key)));

          for (const one of final.values()) await apply(one);
          for (const one of final.values()) await project(tables, one.key);
          const nodes = await all(told);
          expect(said(nodes)).toEqual(said(await all(once)));
          expect(await edgesIn(told)).toEqual(edgesOut(told, nodes));
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});

describe("the store", () => {
  it("lists by type and by scope, page by page, and another tenant's never", async () => {
    const tenantId = await aKnownTenant();
    const ids = async (filter: { entityType?: string; scope?: string }, of = tenantId) => {
      const found: string[] = [];
      for (let after: string | undefined; ; ) {
        const { items, next } = await listNodes(tables, of, filter, { limit: 2, after });
        found.push(...items.map(({ logicalId }) => logicalId));
        if (next === null) return found;
        after = next;
      }
    };
    const everything = (await all(tenantId)).map(({ logicalId }) => logicalId);
    expect(everything).toHaveLength(6);
    expect(await ids({})).toEqual(everything);
    expect(await ids({ entityType: "ingestion.unit" })).toEqual([
      `ingestion::${ENDPOINT}::${UNIT}`,
    ]);
    expect(await ids({ entityType: "sink" })).toEqual(["sink::lake"]);
    expect(await ids({ scope: "tenant" })).toEqual(["sink::lake"]);
    expect(await ids({ scope: ENDPOINT, entityType: "ingestion.run" })).toEqual([
      `run::${ENDPOINT}::run_1`,
    ]);
    expect((await ids({ scope: ENDPOINT })).sort()).toEqual(
      everything.filter((id) => !id.startsWith("sink")).sort(),
    );
    expect(await ids({}, aTenant())).toEqual([]);
  });

  it("answers of each type of edge the newest, and whether there are more", async () => {
    const tenantId = await aKnownTenant();
    for (let n = 2; n < 6; n++) {
      const run = aRun(tenantId, { runId: `run_${n}` });
      await apply(put(runItem(run)));
      await project(tables, keys.run(tenantId, run.runId));
    }
    const into = await listSources(tables, tenantId, "sink::lake", 2);
    expect(into.more).toBe(true);
    expect(into.sources).toEqual([
      { type: "STORED_IN", source: `artifact::${ENDPOINT}::art_run_1_1` },
      { type: "LANDS_IN", source: `run::${ENDPOINT}::run_5` },
      { type: "LANDS_IN", source: `run::${ENDPOINT}::run_4` },
    ]);
    expect(
      await listSources(tables, tenantId, "sink::lake", 9, (type) => type === "STORED_IN"),
    ).toEqual({
      sources: [{ type: "STORED_IN", source: `artifact::${ENDPOINT}::art_run_1_1` }],
      more: false,
    });
  });
});
