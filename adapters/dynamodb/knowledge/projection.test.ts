import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isKeptAtTarget } from "../../../core/knowledge-edges.ts";
import type { KbNode } from "../../../schemas/knowledge-node.ts";
import { ENDPOINT, UNIT } from "../../../tests/histories/nouns.ts";
import {
  aKnownTenant,
  all,
  anArtifact,
  apply,
  aRun,
  aTenant,
  at,
  CHANGES,
  type Change,
  FORM,
  put,
  tables,
  unitsItem,
} from "../../../tests/stage/known-tenant.ts";
import { type Key, kbScopePk, keys } from "../keys.ts";
import { artifactItem, runItem } from "../runs/items.ts";
import { listAll } from "../table/page.ts";
import { edgeInKey, nodeItem } from "./items.ts";
import { project } from "./projection.ts";
import { removeEndpointNodes, removeSomeEndpointNodes, removeTenantNodes } from "./removal.ts";
import { findNode, listNodes } from "./store.ts";

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
