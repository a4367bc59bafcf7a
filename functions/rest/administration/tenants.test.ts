import { beforeAll, describe, expect, it } from "vitest";
import {
  ADMIN,
  type Caller,
  caller,
  startControlPlane,
} from "../../../tests/stage/control-plane.ts";
import { QUOTAS } from "../../../tests/stage/quotas.ts";
import {
  aSink,
  aTenant,
  manage,
  PLATFORM,
  register,
  registered,
} from "../../../tests/stage/tenants.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler as sinks } from "../sinks/handler.ts";
import { handler as administration } from "./handler.ts";

const call = caller(administration);

beforeAll(async () => {
  await startControlPlane();
});

describe("tenants", () => {
  it("are the platform's business, and nobody else's", async () => {
    const { tenantId } = await aTenant();
    for (const [method, path] of [
      ["GET", "/tenants"],
      ["POST", "/tenants"],
      ["GET", `/tenants/${tenantId}`],
      ["PATCH", `/tenants/${tenantId}`],
      ["DELETE", `/tenants/${tenantId}`],
    ] as const) {
      expect((await call(method, path, { as: ADMIN })).status).toBe(403);
    }
    expect((await caller(endpoints)("GET", "/endpoints", { as: PLATFORM })).status).toBe(403);
  });

  it("are registered once, listed by page and changed at the version that was read", async () => {
    const { tenantId } = await aTenant({ endpoints: 3 });
    const again = await manage("POST", "/tenants", { body: { tenantId, name: "Again" } });
    expect(again).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
    const found = await manage("GET", `/tenants/${tenantId}`);
    expect(found.body).toMatchObject({ status: "ACTIVE", quotas: { ...QUOTAS, endpoints: 3 } });
    expect(found.body.usage).toEqual({
      endpoints: 0,
      sinks: 1,
      units: 0,
      connectors: 0,
      runningUnits: 0,
      runningProbes: 0,
    });
    const body = { quotas: { units: 7 } };
    expect((await manage("PATCH", `/tenants/${tenantId}`, { body })).status).toBe(428);
    const changed = await manage("PATCH", `/tenants/${tenantId}`, {
      body,
      headers: { "if-match": found.headers.etag },
    });
    expect(changed.body.quotas).toEqual({ ...QUOTAS, endpoints: 3, units: 7 });
    const late = await manage("PATCH", `/tenants/${tenantId}`, {
      body,
      headers: { "if-match": '"1"' },
    });
    expect(late.body.code).toBe("STALE_VERSION");
    expect((await manage("GET", "/tenants/nobody")).body.code).toBe("NOT_FOUND");

    const listed: string[] = [];
    for (let cursor = ""; ; ) {
      const page = (await manage("GET", `/tenants?limit=1${cursor}`)).body;
      listed.push(...page.items.map((one: { tenantId: string }) => one.tenantId));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(listed).toEqual(
      Array.from({ length: registered() }, (_, n) => `tenant-${n + 1}`).sort(),
    );
    const audit = await call("GET", "/audit", { as: { tenantId, roles: ["admin"] } });
    const written = audit.body.items.map(({ action }: { action: string }) => action);
    expect([written[0], ...written.slice(1).sort()]).toEqual([
      "tenant.update",
      "sink.create",
      "tenant.create",
    ]);
    const ofTenant = audit.body.items.filter(({ action }: { action: string }) =>
      action.startsWith("tenant."),
    );
    expect(ofTenant).toMatchObject([
      {
        action: "tenant.update",
        before: { quotas: { units: QUOTAS.units } },
        after: { quotas: { units: 7 } },
      },
      { action: "tenant.create", before: null },
    ]);
  });
});

describe("a tenant that worked before anybody registered it", () => {
  it("is registered, and keeps the sinks that it has", async () => {
    const as: Caller = { tenantId: "early", roles: ["admin"] };
    await aSink(as);
    const before = (await caller(sinks)("GET", "/sinks", { as })).body.items;
    const made = await manage("POST", "/tenants", { body: { tenantId: "early", name: "Early" } });
    expect(made).toMatchObject({ status: 201, body: { status: "ACTIVE" } });
    expect((await caller(sinks)("GET", "/sinks", { as })).body.items).toEqual(before);
    expect((await manage("GET", "/tenants/early")).body.usage.sinks).toBe(before.length);
  });
});

describe("DELETE /tenants/{tenantId}", () => {
  it("lets nothing more in, and is told in both audits", async () => {
    const as = await aTenant();
    const path = `/tenants/${as.tenantId}`;
    expect((await manage("DELETE", path)).status).toBe(428);
    expect((await manage("DELETE", path, { headers: { "if-match": '"7"' } })).body.code).toBe(
      "STALE_VERSION",
    );

    const deleting = await manage("DELETE", path, { headers: { "if-match": '"1"' } });
    expect(deleting).toMatchObject({
      status: 202,
      headers: { location: path },
      body: { status: "DELETING", version: 2 },
    });
    expect((await manage("DELETE", path, { headers: { "if-match": '"1"' } })).body).toEqual(
      deleting.body,
    );

    const { usage: _, ...shown } = (await manage("GET", path)).body;
    expect(shown).toEqual(deleting.body);
    const refused = { status: 409, body: { code: "TENANT_SUSPENDED" } };
    expect(await register(as, "Late")).toMatchObject(refused);
    expect(await caller(endpoints)("GET", "/endpoints", { as })).toMatchObject(refused);

    const back = { body: { status: "ACTIVE" }, headers: { "if-match": "*" } };
    expect(await manage("PATCH", path, back)).toMatchObject({
      status: 409,
      body: { code: "CONFLICT" },
    });

    const anew = { body: { tenantId: as.tenantId, name: "Anew" } };
    expect(await manage("POST", "/tenants", anew)).toMatchObject({
      status: 409,
      body: { code: "CONFLICT" },
    });

    const audits = await call("GET", `/audit?subject=tenant/${as.tenantId}`, {
      as: { tenantId: PLATFORM.tenantId, roles: ["admin"] },
    });
    expect(audits.body.items).toMatchObject([
      { action: "tenant.delete", after: { status: "DELETING" } },
    ]);
  });

  it("is not for the tenant that one acts in", async () => {
    const { tenantId } = await aTenant();
    const own = { as: { tenantId, roles: ["platform"] }, headers: { "if-match": "*" } };
    expect(await call("DELETE", `/tenants/${tenantId}`, own as object)).toMatchObject({
      status: 409,
    });
    expect(
      (await manage("DELETE", "/tenants/nobody", { headers: { "if-match": "*" } })).status,
    ).toBe(404);
  });
});
