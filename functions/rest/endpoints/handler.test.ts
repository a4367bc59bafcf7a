import { beforeAll, describe, expect, it } from "vitest";
import { caller, STRANGER, startControlPlane, VIEWER } from "../../../tests/stage/control-plane.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const config = { baseUrl: "https://shop.example" };

beforeAll(async () => {
  await startControlPlane();
});

describe("an endpoint", () => {
  it("is changed only on the version that was read", async () => {
    const { body: made } = await call("POST", "/endpoints", {
      body: { name: "Versioned", connector: "shop", config },
    });
    const path = `/endpoints/${made.endpointId}`;
    const blind = await call("PATCH", path, { body: { name: "Blind" } });
    expect(blind).toMatchObject({ status: 428, body: { code: "PRECONDITION_REQUIRED" } });

    const renamed = await call("PATCH", path, {
      body: { name: "Renamed" },
      headers: { "If-Match": '"1"' },
    });
    expect(renamed.body).toMatchObject({ name: "Renamed", slug: "versioned", version: 2 });

    const same = await call("PATCH", path, { body: {}, headers: { "If-Match": '"2"' } });
    expect(same).toMatchObject({ status: 200, body: { version: 2 } });
    const late = await call("PATCH", path, {
      body: { name: "Late" },
      headers: { "if-match": '"1"' },
    });
    expect(late).toMatchObject({
      status: 412,
      body: { code: "STALE_VERSION", details: { version: 2 } },
    });

    const old = await call("POST", "/endpoints", {
      body: { name: "Versioned", connector: "shop", config },
    });
    expect(old.status).toBe(409);

    const byNewName = await call("POST", "/endpoints", {
      body: { name: "Renamed", connector: "shop", config },
    });
    expect(byNewName.body.endpointId).toBe(made.endpointId);
  });

  it("of another tenant answers byte for byte like an unknown one", async () => {
    const { body: made } = await call("POST", "/endpoints", {
      body: { name: "Private", connector: "shop", config },
    });

    for (const rest of [
      "",
      "/datasets",
      "/units",
      "/health",
      "/resources",
      "/units/shop.orders/config",
    ]) {
      const foreign = await handlerText("GET", `/endpoints/${made.endpointId}${rest}`);
      const unknown = await handlerText("GET", `/endpoints/ep_01ARZ3NDEKTSV4RRFFQ69G5FAV${rest}`);
      expect(foreign).toBe(unknown);
      expect(JSON.parse(foreign)).toMatchObject({ status: 404, code: "NOT_FOUND" });
    }
  });

  it("lists by pages under a sealed cursor that no other list or tenant can use", async () => {
    const { items } = (await call("GET", "/endpoints")).body;
    const first = (await call("GET", "/endpoints?limit=1")).body;
    const second = (await call("GET", `/endpoints?limit=1&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items]).toEqual(items.slice(0, 2));
    const foreign = await call("GET", `/endpoints?limit=1&cursor=${first.nextCursor}`, {
      as: STRANGER,
    });
    const other = await call("GET", `/endpoints?limit=1&search=s&cursor=${first.nextCursor}`);
    expect([foreign.body.code, other.body.code]).toEqual(["CURSOR_INVALID", "CURSOR_INVALID"]);
  });
});

async function handlerText(method: string, path: string): Promise<string> {
  const answer = await caller(handler)(method, path, { as: STRANGER });
  return JSON.stringify(answer.body);
}

describe("roles", () => {
  it("let a viewer read and nothing more, and nobody without a token", async () => {
    expect((await call("GET", "/endpoints", { as: VIEWER })).status).toBe(200);
    const body = { name: "V", connector: "shop", config };
    expect(await call("POST", "/endpoints", { as: VIEWER, body })).toMatchObject({
      status: 403,
      body: { code: "FORBIDDEN" },
    });
    const nobody = await call("GET", "/endpoints", {
      as: null,
      headers: { "x-tenant-id": "acme" },
    });
    expect(nobody).toMatchObject({ status: 401, body: { code: "UNAUTHENTICATED" } });
  });
});
