import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import { transformWith } from "../../../integrations/transform/transform-with.ts";
import { ADMIN, caller, STRANGER, startControlPlane } from "../../../tests/stage/control-plane.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
const put = (name: string, body: object, version?: string, as = ADMIN) =>
  call("PUT", `/transforms/${name}`, {
    body,
    as,
    ...(version !== undefined && { headers: { "if-match": version } }),
  });
const test = async (body: object) => (await call("POST", "/transforms/test", { body })).body;

let tables: Tables;
beforeAll(async () => {
  tables = await startControlPlane();
});

describe("transforms", () => {
  it("are created, changed by version, read in each, and deleted", async () => {
    const first = await put("ticket", {
      expression: "key",
      sample: { input: { key: 1 }, output: 1 },
    });
    expect(first).toMatchObject({ status: 201, body: { version: 1, name: "ticket" } });
    expect((await put("ticket", { expression: "a" })).status).toBe(428);
    expect((await put("ticket", { expression: "a" }, '"7"')).status).toBe(412);
    const second = await put("ticket", { expression: "key & '!'" }, '"1"');
    expect(second).toMatchObject({ status: 200, body: { version: 2 } });

    expect((await call("GET", "/transforms/ticket")).body.expression).toBe("key & '!'");
    const old = await call("GET", "/transforms/ticket?version=1");
    expect(old.body.expression).toBe("key");
    expect((await call("GET", "/transforms")).body.items).toHaveLength(1);

    const removed = await call("DELETE", "/transforms/ticket", { headers: { "if-match": '"2"' } });
    expect(removed.status).toBe(204);
    expect((await call("GET", "/transforms/ticket")).status).toBe(404);
    expect((await put("ticket", { expression: "a" }, '"2"')).status).toBe(412);
  });

  it("are not stored when they are at fault", async () => {
    const sample = { input: { a: 1 }, output: 3 };
    expect((await put("bad", { expression: "1 +" })).body).toMatchObject({
      code: "VALIDATION_ERROR",
      errors: [{ path: "expression", message: expect.stringContaining("at character 3") }],
    });
    expect((await put("bad", { expression: "a + 1", sample })).body.code).toBe("TRANSFORM_FAILED");
    expect((await put("bad", { expression: "$eval(a)" })).body.code).toBe("VALIDATION_ERROR");
    expect((await put("bad", { expression: "1", mapping: [] })).body.code).toBe("VALIDATION_ERROR");
    const schema = { inputSchema: { type: "string", pattern: "(a+)+$" } };
    expect((await put("bad", { expression: "1", ...schema })).body.code).toBe("CONFIG_INVALID");
    expect((await call("GET", "/transforms/bad")).status).toBe(404);
  });

  it("are the tenant's own", async () => {
    await put("mine", { expression: "1" });
    expect((await call("GET", "/transforms/mine", { as: STRANGER })).status).toBe(404);
    const theirs = await put("mine", { expression: "2" }, undefined, STRANGER);
    expect(theirs).toMatchObject({ status: 201, body: { expression: "2" } });
    expect((await call("GET", "/transforms/mine")).body.expression).toBe("1");
  });

  it("are tested without being stored", async () => {
    expect(await test({ expression: "$sum(n)", input: { n: [1, 2] } })).toEqual({
      output: 3,
      durationMs: expect.any(Number),
      cap: null,
      error: null,
    });
    const mapping = [{ to: "id", from: "n", as: "toInteger64" }];
    expect((await test({ mapping, input: { n: "9223372036854775807" } })).output).toEqual({
      id: "9223372036854775807",
    });
    expect(await test({ expression: '"secret" + 1', input: {} })).toMatchObject({
      output: null,
      cap: null,
      error: { code: "TRANSFORM_FAILED", position: 10 },
    });
    const endless = "($f := function($x){ $f($x) }; $f(1))";
    expect(await test({ expression: endless, input: {} })).toMatchObject({ cap: "TIME" });
    expect((await test({ expression: "1 +", input: {} })).code).toBe("VALIDATION_ERROR");
    expect((await test({ name: "none", input: {} })).code).toBe("NOT_FOUND");
    expect((await test({ name: "mine", expression: "1", input: {} })).code).toBe(
      "VALIDATION_ERROR",
    );
    expect((await test({ name: "mine", input: {} })).output).toBe(1);
  });

  it("are what a method names, in the newest version or in the one that it says", async () => {
    await put("named", { expression: "n + 1" });
    await put("named", { expression: "n + 2" }, '"1"');
    const { tenantId } = ADMIN;
    expect(await transformWith({ tables }, tenantId, "named", { n: 1 })).toBe(3);
    expect(await transformWith({ tables }, tenantId, "named@1", { n: 1 })).toBe(2);
    await expect(transformWith({ tables }, tenantId, "named@9", {})).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(transformWith({ tables }, "globex", "named", {})).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});
