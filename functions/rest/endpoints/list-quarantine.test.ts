import { PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
  VIEWER,
} from "../../../tests/stage/control-plane.ts";
import { testS3 } from "../../../tests/stage/emulator.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const unitId = "shop.orders";
let tables: Tables;
let endpointId: string;
let path: string;

type Stored = { key: string | null; raw?: string };

/** As `python-worker/src/inlet_worker/staging/quarantine.py` writes it. */
async function setAside(
  unit: string,
  runId: string,
  part: string,
  records: Stored[],
  tenantId = "acme",
  of = endpointId,
) {
  const stored = records.map(({ key, raw = `{"id":"${key}"}` }) => ({
    key,
    code: "RECORD_INVALID",
    reason: "Odd.",
    raw,
  }));
  const Body = stored.map((one) => `${JSON.stringify(one)}\n`).join("");
  const Key = `quarantine/${tenantId}/${of}/${unit}/${runId}/${part}.jsonl`;
  await testS3().send(
    new PutObjectCommand({ Bucket: process.env.INLET_STAGING_BUCKET ?? "", Key, Body }),
  );
}

/** As `python-worker/src/inlet_worker/staging/quarantine_shelf.py` writes it. */
async function mark(of: string, name: string, verdict: object) {
  const Key = `quarantine/acme/${of}/${unitId}/${name}.json`;
  const Body = JSON.stringify({ commitId: "run_1/0", ...verdict });
  await testS3().send(
    new PutObjectCommand({ Bucket: process.env.INLET_STAGING_BUCKET ?? "", Key, Body }),
  );
}

beforeAll(async () => {
  tables = await startControlPlane();
  const body = { name: "Odd", connector: "shop", config: { baseUrl: "https://shop.example" } };
  endpointId = (await call("POST", "/endpoints", { body })).body.endpointId;
  path = `/endpoints/${endpointId}/units/${unitId}/quarantine`;
  await collected(tables, ADMIN.tenantId, endpointId, [unitId, "shop.customers"]);
  await setAside(unitId, "run_1", "000000-000000", [{ key: "a" }, { key: "ü\n☃" }, { key: null }]);
  await setAside(unitId, "run_1", "000000-000001", [{ key: "d" }]);
  await setAside(unitId, "run_2", "000003-000000", [{ key: "e" }, { key: "f" }]);
  await setAside(`${unitId}.more`, "run_3", "000000-000000", [{ key: "of another unit" }]);
  await setAside(unitId, "run_4", "000000-000000", [{ key: "of another tenant" }], "other");
});

const keysOf = (items: { key: string | null }[]) => items.map(({ key }) => key);

describe("GET …/units/{unitId}/quarantine", () => {
  it("lists what the runs of the unit set aside, and of no other", async () => {
    const { body } = await call("GET", path, { as: { tenantId: "acme", roles: ["operator"] } });
    expect(keysOf(body.items)).toEqual(["a", "ü\n☃", null, "d", "e", "f"]);
    expect(body.items[0]).toEqual({
      recordId: "run_1:000000-000000:0",
      runId: "run_1",
      key: "a",
      code: "RECORD_INVALID",
      reason: "Odd.",
      raw: '{"id":"a"}',
      rawCut: false,
      state: "QUARANTINED",
    });
    expect(body.nextCursor).toBeNull();
    expect(keysOf((await call("GET", `${path}?runId=run_2`)).body.items)).toEqual(["e", "f"]);
    expect((await call("GET", `${path}?runId=run_`)).body.items).toEqual([]);
    const none = await call("GET", `/endpoints/${endpointId}/units/shop.customers/quarantine`);

    expect(none.body).toEqual({ items: [], nextCursor: null });
  });

  it.each([1, 2, 3, 4])("gives the same in pages of %i", async (limit) => {
    const seen: (string | null)[] = [];
    let cursor = "";
    do {
      const { body } = await call("GET", `${path}?limit=${limit}${cursor && `&cursor=${cursor}`}`);
      expect(body.items.length).toBeGreaterThan(0);
      seen.push(...keysOf(body.items));
      cursor = body.nextCursor;
    } while (cursor);
    expect(seen).toEqual(["a", "ü\n☃", null, "d", "e", "f"]);
  });

  it("leaves out what a redrive has landed, and tells what became of the rest", async () => {
    const body = {
      name: "Redriven",
      connector: "shop",
      config: { baseUrl: "https://shop.example" },
    };
    const of = (await call("POST", "/endpoints", { body })).body.endpointId;
    await collected(tables, ADMIN.tenantId, of, [unitId]);
    await setAside(
      unitId,
      "run_1",
      "000000-000000",
      [{ key: "a" }, { key: "b" }, { key: "c" }],
      "acme",
      of,
    );
    await setAside(unitId, "run_2", "000000-000000", [{ key: "d" }], "acme", of);
    const lines = (numbers: number[]) => ({ "run_1/000000-000000.jsonl": numbers });
    const refused = (reason: string) => [{ code: "SCHEMA_FROZEN", reason, lines: lines([1]) }];
    await mark(of, "_redriven/run_3-000000", { landed: {}, refused: refused("First.") });
    await mark(of, "_redriven/run_4-000000", { landed: lines([0]), refused: refused("Again.") });
    await mark(of, "_redriven/run_6-000000", { landed: {}, refused: [], discarded: lines([2]) });
    await mark(of, "_redriving/run_5-000000", { landed: lines([0, 1, 2]), refused: [] });
    const own = `/endpoints/${of}/units/${unitId}/quarantine`;
    const { items } = (await call("GET", own)).body;

    expect(keysOf(items)).toEqual(["b", "c", "d"]);
    expect(items[0]).toMatchObject({
      recordId: "run_1:000000-000000:1",
      code: "SCHEMA_FROZEN",
      reason: "Again.",
    });
    expect(items[1]).toMatchObject({
      recordId: "run_1:000000-000000:2",
      code: "RECORD_INVALID",
      reason: "Odd.",
      state: "DISCARDED",
    });
    expect(items[2]).toMatchObject({ state: "QUARANTINED" });
    const first = (await call("GET", `${own}?limit=1`)).body;
    const second = (await call("GET", `${own}?limit=1&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items]).toEqual(items.slice(0, 2));
  });

  it("cuts a record that is too long, and ends a page that would be too large", async () => {
    const raw = "\u0000".repeat(300_000);
    const large = ["g", "h", "i", "j"].map((key) => ({ key, raw }));
    await setAside("shop.customers", "run_9", "000000-000000", large);
    const own = `/endpoints/${endpointId}/units/shop.customers/quarantine`;
    const { body } = await call("GET", own);

    expect(
      body.items.map(({ raw, rawCut }: { raw: string; rawCut: boolean }) => [raw.length, rawCut]),
    ).toEqual([
      ...[
        [250_000, true],
        [250_000, true],
      ],
    ]);
    const rest = await call("GET", `${own}?cursor=${body.nextCursor}`);
    expect(keysOf(rest.body.items)).toEqual(["i", "j"]);
  });

  it("is shown to no viewer, and under no other tenant's id", async () => {
    expect((await call("GET", path, { as: VIEWER })).status).toBe(403);
    const foreign = await call("GET", path, { as: STRANGER });
    const unknown = await call("GET", path.replace(endpointId, "ep_01ARZ3NDEKTSV4RRFFQ69G5FAV"), {
      as: STRANGER,
    });
    expect(foreign).toEqual(unknown);
    expect(foreign).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });

    const { nextCursor } = (await call("GET", `${path}?limit=1`)).body;
    const other = `/endpoints/${endpointId}/units/shop.customers/quarantine`;
    const asked = `${other}?limit=1&cursor=${nextCursor}`;
    expect((await call("GET", asked)).body.code).toBe("CURSOR_INVALID");
    const nothing = await call("GET", `/endpoints/${endpointId}/units/shop.nothing/quarantine`);
    expect(nothing.body.code).toBe("UNIT_UNKNOWN");
  });
});
