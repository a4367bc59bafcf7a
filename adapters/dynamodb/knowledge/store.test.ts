import { describe, expect, it } from "vitest";
import { ENDPOINT, UNIT } from "../../../tests/histories/nouns.ts";
import {
  aKnownTenant,
  all,
  apply,
  aRun,
  aTenant,
  put,
  tables,
} from "../../../tests/stage/known-tenant.ts";
import { keys } from "../keys.ts";
import { runItem } from "../runs/items.ts";
import { project } from "./projection.ts";
import { listNodes, listSources } from "./store.ts";

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
