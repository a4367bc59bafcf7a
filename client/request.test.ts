import fc from "fast-check";
import { expect, it } from "vitest";
import { DeleteEndpoint } from "../schemas/operations/endpoints.ts";
import { ListRuns, StartRun } from "../schemas/operations/runs.ts";
import { ListUnits } from "../schemas/operations/units.ts";
import { etagOf, fillPath, jsonRequest, requestOf } from "./request.ts";

it("path parameters stand in the path, the query behind it", () => {
  expect(requestOf(ListUnits, { path: { endpointId: "ep_1" }, query: { limit: 5 } })).toEqual({
    method: "GET",
    path: "/endpoints/ep_1/units?limit=5",
    headers: {},
  });
});

it("what is undefined is not sent", () => {
  const query = { status: "FAILED,PARTIAL", unitId: undefined };
  expect(requestOf(ListRuns, { query }).path).toBe("/runs?status=FAILED%2CPARTIAL");
});

it("a body is JSON, and says so", () => {
  const { headers, body } = requestOf(StartRun, { body: { endpointId: "e", unitId: "u" } });
  expect(headers).toEqual({ "content-type": "application/json" });
  expect(body).toBe('{"endpointId":"e","unitId":"u"}');
});

it("text is sent as it is, as the type that the caller names", () => {
  const { headers, body } = jsonRequest("POST", "/runs", "{", { "content-type": "text/plain" });
  expect([headers, body]).toEqual([{ "content-type": "text/plain" }, "{"]);
});

it("preconditions and idempotency keys are headers", () => {
  const path = { endpointId: "ep_1" };
  expect(requestOf(DeleteEndpoint, { path, ifMatch: "3" }).headers).toEqual({ "if-match": '"3"' });
  expect(requestOf(StartRun, { idempotencyKey: "k" }).headers).toEqual({ "idempotency-key": "k" });
});

it("an ETag is the same with its quotes and without", () => {
  expect([etagOf("3"), etagOf('"3"'), etagOf("*")]).toEqual(['"3"', '"3"', "*"]);
});

it("no parameter leaves its place in the path", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (value) => {
      const [, noun, id, rest, ...more] = fillPath("/endpoints/{endpointId}/units", {
        endpointId: value,
      }).split("/");
      expect([noun, decodeURIComponent(id ?? ""), rest, more]).toEqual([
        "endpoints",
        value,
        "units",
        [],
      ]);
    }),
  );
});
