import { beforeAll, expect, it } from "vitest";
import { gatewayEvent } from "../../../tests/stage/control-plane.ts";
import { handler } from "./handler.ts";

beforeAll(() => {
  process.env.INLET_ENVIRONMENT = "local";
});

const ask = async (method: string, path: string) => {
  const { statusCode, headers, body } = await handler(gatewayEvent(method, path, { as: null }));
  return { statusCode, allow: headers.allow, code: JSON.parse(body).code };
};

it("tells a method that the path of another area does not know which ones it does", async () => {
  expect(await ask("DELETE", "/runs/run_1")).toEqual({
    statusCode: 405,
    allow: "GET",
    code: "METHOD_NOT_ALLOWED",
  });
  const { allow } = await ask("TRACE", "/endpoints/ep_1");
  expect(allow?.split(", ")).toEqual(expect.arrayContaining(["GET", "PATCH", "DELETE"]));
});

it("answers a path that is nobody's with a problem document", async () => {
  expect(await ask("GET", "/nothing/here")).toEqual({
    statusCode: 404,
    allow: undefined,
    code: "NOT_FOUND",
  });
});
