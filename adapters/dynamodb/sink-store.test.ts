import { beforeAll, describe, expect, it } from "vitest";
import type { Sink } from "../../schemas/sink.ts";
import { testTables } from "../../tests/emulator.ts";
import type { Tables } from "./client.ts";
import { findDefaultSink, findSink, getSink, listSinks, removeSink, saveSink } from "./sink-store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const NOW = new Date("2026-11-21T10:00:00Z");
const aSink = (changes: Partial<Sink> = {}): Sink => ({
  ...{ sinkId: "snk_1", tenantId: "acme", name: "Lake", type: "warehouse.iceberg", typeVersion: "1.0.0" },
  ...{ config: {}, ownership: "platform", isDefault: true, credentialVersion: null, version: 1 },
  createdAt: NOW.toISOString(),
  updatedAt: NOW.toISOString(),
  ...changes,
});

describe("sinks", () => {
  it("keep one default per tenant: a new one takes it from the one before", async () => {
    await saveSink(tables, aSink(), undefined, "anna");
    await saveSink(tables, aSink({ sinkId: "snk_2" }), undefined, "anna");
    expect((await findDefaultSink(tables, "acme"))?.sinkId).toBe("snk_2");
    expect(await getSink(tables, "acme", "snk_1")).toMatchObject({ isDefault: false, version: 2 });
  });

  it("are refused when the stored version is another one", async () => {
    const seen = await getSink(tables, "acme", "snk_1");
    await saveSink(tables, { ...seen, name: "Old lake", version: 3 }, seen, "anna");
    const late = saveSink(tables, { ...seen, name: "Older lake", version: 3 }, seen, "ben");
    await expect(late).rejects.toMatchObject({ code: "STALE_VERSION", details: { version: 3 } });
    expect((await getSink(tables, "acme", "snk_1")).name).toBe("Old lake");
  });

  it("of another tenant look like unknown ones", async () => {
    expect(await findSink(tables, "other", "snk_1")).toBeUndefined();
    const foreign = await getSink(tables, "other", "snk_1").catch((error) => error);
    const unknown = await getSink(tables, "acme", "snk_404").catch((error) => error);
    expect(foreign.message).toBe(unknown.message);
    expect(foreign.code).toBe("NOT_FOUND");
  });

  it("are listed page by page, each once", async () => {
    for (const n of [3, 4, 5])
      await saveSink(tables, aSink({ sinkId: `snk_${n}`, isDefault: false }), undefined, "anna");
    const first = await listSinks(tables, "acme", { limit: 2 });
    const second = await listSinks(tables, "acme", { limit: 2, after: first.next ?? "" });
    const third = await listSinks(tables, "acme", { limit: 2, after: second.next ?? "" });
    expect(third.next).toBeNull();
    const ids = [first, second, third].flatMap(({ items }) => items.map(({ sinkId }) => sinkId));
    expect(ids).toEqual(["snk_1", "snk_2", "snk_3", "snk_4", "snk_5"]);
  });

  it("are gone once removed", async () => {
    await removeSink(tables, await getSink(tables, "acme", "snk_5"), "anna", NOW);
    expect(await findSink(tables, "acme", "snk_5")).toBeUndefined();
  });
});
