import { beforeAll, describe, expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import { aLake } from "../../../tests/stage/shop.ts";
import type { Tables } from "../client.ts";
import { publishManifest } from "../registry/connectors.ts";
import { readUsage } from "../tenants/usage.ts";
import { requireDefaultSink } from "./default-sink.ts";
import { createSink, listAllSinks, saveSink } from "./store.ts";

const NOW = new Date("2026-11-21T10:00:00Z");

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
  expect(await requireDefaultSink(tables, "early", NOW)).toBeUndefined();
  await publishManifest(tables, { workerVersion: "1.0.0", connectors: [aLake()] });
});

describe("the default sink of a tenant that has none", () => {
  it("is made once, however many need it first", async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, () => requireDefaultSink(tables, "acme", NOW)),
    );
    expect(new Set(made.map((sink) => sink?.sinkId)).size).toBe(1);
    expect(await listAllSinks(tables, "acme")).toMatchObject([
      { name: "lake", isDefault: true, config: {} },
    ]);
    expect(await readUsage(tables, "acme", NOW)).toMatchObject({ sinks: 1 });
  });

  it("has an id that no other tenant's has", async () => {
    const ids = await Promise.all(
      ["a", "b", "c"].map((tenantId) => requireDefaultSink(tables, tenantId, NOW)),
    );
    expect(new Set(ids.map((sink) => sink?.sinkId)).size).toBe(3);
  });

  it("is the one that was made the default since", async () => {
    const born = await requireDefaultSink(tables, "moved", NOW);
    if (!born) return expect.unreachable();
    const own = { ...born, sinkId: "snk_own", name: "Own" };
    await createSink(tables, own, [born], { actor: "anna" });
    expect(await requireDefaultSink(tables, "moved", NOW)).toMatchObject({ sinkId: "snk_own" });
    const [, lake] = await listAllSinks(tables, "moved");
    expect([own, born].map(({ sinkId }) => sinkId)).toContain(lake?.sinkId);
  });

  it("is called otherwise where a sink of one's own is called lake, whoever is first", async () => {
    const like = await requireDefaultSink(tables, "elsewhere", NOW);
    if (!like) return expect.unreachable();
    const own = { ...like, tenantId: "named", sinkId: "snk_own", isDefault: false };
    await createSink(tables, own, [], { actor: "anna" });
    expect(await requireDefaultSink(tables, "named", NOW)).toMatchObject({
      name: "lake 2",
      isDefault: true,
    });

    const raced = { ...own, tenantId: "raced" };
    const both = [
      createSink(tables, raced, [], { actor: "anna" }),
      requireDefaultSink(tables, "raced", NOW),
    ];
    const [made, given] = await Promise.allSettled(both);
    expect(given).toMatchObject({ status: "fulfilled", value: { isDefault: true } });
    const names = (await listAllSinks(tables, "raced")).map(({ name }) => name).toSorted();
    expect(names).toEqual(made?.status === "fulfilled" ? ["lake", "lake 2"] : ["lake"]);
  });

  it("is the lake again where an older rule left a tenant without one", async () => {
    const born = await requireDefaultSink(tables, "left", NOW);
    if (!born) return expect.unreachable();
    await saveSink(tables, { ...born, isDefault: false, version: 2 }, born, "anna");
    expect(await requireDefaultSink(tables, "left", NOW)).toMatchObject({
      sinkId: born.sinkId,
      isDefault: true,
    });
  });
});
