import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Sink } from "../../../schemas/sink.ts";
import { testTables } from "../../../tests/stage/emulator.ts";
import type { Tables } from "../client.ts";
import { readUsage } from "../tenants/usage.ts";
import { sinkItem } from "./items.ts";
import {
  createSink,
  findSink,
  getSink,
  listAllSinks,
  listSinks,
  removeSink,
  saveSink,
} from "./store.ts";

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

const NOW = new Date("2026-11-21T10:00:00Z");
const aSink = (changes: Partial<Sink> = {}): Sink => ({
  sinkId: "snk_1",
  tenantId: "acme",
  name: `Lake ${changes.sinkId ?? "snk_1"}`,
  type: "warehouse.iceberg",
  typeVersion: "1.0.0",
  config: {},
  ownership: "platform",
  isDefault: true,
  credentialVersion: null,
  testedAt: null,
  version: 1,
  createdAt: NOW.toISOString(),
  updatedAt: NOW.toISOString(),
  ...changes,
});

const create = async (sink: Sink, limit?: number) =>
  createSink(tables, sink, await listAllSinks(tables, sink.tenantId), {
    actor: "anna",
    ...(limit !== undefined && { limit }),
  });

describe("sinks", () => {
  it("keep one default per tenant: a new one takes it from the one before", async () => {
    await create(aSink());
    await create(aSink({ sinkId: "snk_2" }));
    expect(await getSink(tables, "acme", "snk_2")).toMatchObject({ isDefault: true });
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
    for (const n of [3, 4, 5]) await create(aSink({ sinkId: `snk_${n}`, isDefault: false }));
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

  it("have a name of their own, which goes with them", async () => {
    const of = (n: number, name: string) =>
      aSink({ tenantId: "names", sinkId: `snk_${n}`, name, isDefault: false });
    const [first, second] = [of(1, "A"), of(2, "B")];
    await create(first);
    await create(second);
    const refused = { code: "CONFLICT", details: { errors: [{ path: "name" }] } };
    await expect(create(of(3, "A"))).rejects.toMatchObject(refused);
    const renamed = { ...second, name: "A", version: 2 };
    await expect(saveSink(tables, renamed, second, "anna")).rejects.toMatchObject(refused);

    const moved = { ...first, name: "C", version: 2 };
    await saveSink(tables, moved, first, "anna");
    await saveSink(tables, renamed, second, "anna");
    await expect(create(of(3, "C"))).rejects.toMatchObject(refused);
    await removeSink(tables, moved, "anna", NOW);
    await create(of(3, "C"));
    await create(of(4, "B"));
    expect((await listAllSinks(tables, "names")).map(({ name }) => name)).toEqual(["A", "C", "B"]);
    expect(await readUsage(tables, "names", NOW)).toMatchObject({ sinks: 4 });
  });

  it("older than their names' items are renamed and removed, even two of a name", async () => {
    const of = (n: number) =>
      aSink({ tenantId: "unnamed", sinkId: `snk_${n}`, name: "Twin", isDefault: false });
    for (const n of [1, 2])
      await tables.client.send(
        new PutCommand({ TableName: tables.control, Item: sinkItem(of(n)) }),
      );
    const renamed = { ...of(1), name: "One", version: 2 };
    await saveSink(tables, renamed, of(1), "anna");
    const back = { ...renamed, name: "Twin", version: 3 };
    await saveSink(tables, back, renamed, "anna");
    // The name's item is the first one's by now: the second one's end leaves it.
    await removeSink(tables, of(2), "anna", NOW);
    await expect(create(of(3))).rejects.toMatchObject({ code: "CONFLICT" });
    await create(aSink({ tenantId: "unnamed", sinkId: "snk_4", name: "One", isDefault: false }));
    await removeSink(tables, back, "anna", NOW);
    await create(of(3));
  });

  it("are counted, and refused beyond the quota by its name", async () => {
    const of = (n: number) => aSink({ tenantId: "counted", sinkId: `snk_${n}`, isDefault: false });
    await create(of(1), 2);
    await create(of(2), 2);
    await expect(create(of(3), 2)).rejects.toMatchObject({
      code: "QUOTA_EXCEEDED",
      details: { quota: "sinks", limit: 2 },
    });
    expect(await readUsage(tables, "counted", NOW)).toMatchObject({ sinks: 2 });
  });

  it("that are older than their count are counted with the first one that is younger", async () => {
    const of = (n: number) => aSink({ tenantId: "older", sinkId: `snk_${n}`, isDefault: false });
    for (const n of [1, 2])
      await tables.client.send(
        new PutCommand({ TableName: tables.control, Item: sinkItem(of(n)) }),
      );
    await expect(create(of(3), 2)).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
    await create(of(3), 3);
    expect(await readUsage(tables, "older", NOW)).toMatchObject({ sinks: 3 });
  });
});
