import { PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, it } from "vitest";
import { ADMIN, caller, collected, STRANGER, startControlPlane, VIEWER } from "../../tests/control-plane.ts";
import { testS3 } from "../../tests/emulator.ts";
import { handler } from "./endpoints.ts";

const call = caller(handler);
const unitId = "shop.orders";
let endpointId: string;
let path: string;

type Stored = { key: string | null; raw?: string };

/** As `python-worker/src/inlet_worker/staging/quarantine.py` writes it. */
async function setAside(unit: string, runId: string, part: string, records: Stored[], tenantId = "acme") {
  const stored = records.map(({ key, raw = `{"id":"${key}"}` }) => ({
    key,
    code: "RECORD_INVALID",
    reason: "Odd.",
    raw,
  }));
  const Body = stored.map((one) => `${JSON.stringify(one)}\n`).join("");
  const Key = `quarantine/${tenantId}/${endpointId}/${unit}/${runId}/${part}.jsonl`;
  await testS3().send(new PutObjectCommand({ Bucket: process.env.INLET_STAGING_BUCKET ?? "", Key, Body }));
}

beforeAll(async () => {
  const tables = await startControlPlane();
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
      ...{ runId: "run_1", key: "a", code: "RECORD_INVALID", reason: "Odd.", raw: '{"id":"a"}', rawCut: false },
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

  it("cuts a record that is too long to show, and ends a page that would be too large", async () => {
    const raw = "\u0000".repeat(300_000);
    const large = ["g", "h", "i", "j"].map((key) => ({ key, raw }));
    await setAside("shop.customers", "run_9", "000000-000000", large);
    const own = `/endpoints/${endpointId}/units/shop.customers/quarantine`;
    const { body } = await call("GET", own);
    expect(body.items.map(({ raw, rawCut }: { raw: string; rawCut: boolean }) => [raw.length, rawCut])).toEqual([
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
    const unknown = await call("GET", path.replace(endpointId, "ep_01ARZ3NDEKTSV4RRFFQ69G5FAV"), { as: STRANGER });
    expect(foreign).toEqual(unknown);
    expect(foreign).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    const { nextCursor } = (await call("GET", `${path}?limit=1`)).body;
    const other = `/endpoints/${endpointId}/units/shop.customers/quarantine?limit=1&cursor=${nextCursor}`;
    expect((await call("GET", other)).body.code).toBe("CURSOR_INVALID");
    const nothing = await call("GET", `/endpoints/${endpointId}/units/shop.nothing/quarantine`);
    expect(nothing.body.code).toBe("UNIT_UNKNOWN");
  });
});
