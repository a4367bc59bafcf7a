import { beforeAll, describe, expect, it } from "vitest";
import { caller, STRANGER, startControlPlane, VIEWER } from "../../../tests/stage/control-plane.ts";
import { handler as endpoints } from "../endpoints/handler.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
let path: string;
beforeAll(async () => {
  await startControlPlane();
  const body = { name: "Set", connector: "shop", config: { baseUrl: "https://shop.example" } };
  const { endpointId } = (await caller(endpoints)("POST", "/endpoints", { body })).body;
  path = `/endpoints/${endpointId}/settings`;
});

describe("settings of an endpoint", () => {
  it("are shown with who says so: environment < endpoint < method", async () => {
    const before = (await call("GET", path, { as: VIEWER })).body;
    expect(before).toMatchObject({ version: 0, settings: {} });
    expect(before.effective.attempts).toEqual({ value: 3, from: "ENVIRONMENT" });

    const methods = {
      getOrder: { attempts: 5, requestsPerSecond: 2, fallback: [{ value: null }] },
    };
    const body = { attempts: 1, logLevel: "DEBUG", methods };
    expect(await call("PUT", path, { body })).toMatchObject({ status: 200, body: { version: 1 } });

    const { effective } = (await call("GET", `${path}?method=getOrder`)).body;
    expect(effective).toMatchObject({
      attempts: { value: 5, from: "METHOD" },
      logLevel: { value: "DEBUG", from: "ENDPOINT" },
      requestsPerSecond: { value: 2, from: "METHOD" },
      burst: { from: "ENVIRONMENT" },
    });
    const other = (await call("GET", `${path}?method=constructor`)).body.effective;
    expect(other.attempts).toEqual({ value: 1, from: "ENDPOINT" });
  });

  it("are replaced on the version that was read, and another tenant's not at all", async () => {
    expect((await call("PUT", path, { body: {} })).status).toBe(428);
    const stale = { body: {}, headers: { "if-match": '"9"' } };
    expect((await call("PUT", path, stale)).status).toBe(412);
    expect((await call("GET", path, { as: STRANGER })).status).toBe(404);
    expect((await call("PUT", path, { body: {}, as: STRANGER })).status).toBe(404);
    const large = { methods: { a: { fallback: [{ value: "x".repeat(20_000) }] } } };
    const refused = await call("PUT", path, { body: large, headers: { "if-match": "*" } });
    expect(refused).toMatchObject({ status: 400, body: { code: "CONFIG_INVALID" } });
  });
});
