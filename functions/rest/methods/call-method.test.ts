/** Calls over HTTP: a key that asks the vendor once, and calls that nobody waits for. */
import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { CallMethod, GetCall } from "../../../schemas/operations/methods.ts";
import { caller } from "../../../tests/stage/control-plane.ts";
import { testBucket } from "../../../tests/stage/emulator.ts";
import { aCallStage, type CallStage } from "../../../tests/stage/method-calls.ts";
import { publishedMetrics } from "../../../tests/stage/published-metrics.ts";
import { bucketReader } from "../../runtime/deps.ts";
import { sealedCursors } from "../../runtime/page-cursor.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { callMethod } from "./call-method.ts";
import type { MethodsDeps } from "./deps.ts";
import { getCall } from "./get-call.ts";

let stage: CallStage;
let deps: MethodsDeps;
let endpoint: Endpoint;
beforeAll(async () => {
  stage = await aCallStage();
  const { tables } = stage.deps;
  const cursors = sealedCursors(Uint8Array.from(randomBytes(32)));
  deps = { ...stage.deps, cursors, staging: bucketReader(await testBucket(), tables) };
});
beforeEach(async () => {
  Object.assign(stage.shop, { faults: [], always: undefined });
  stage.shop.seen.length = 0;
  stage.shop.orders.clear();
  endpoint = await stage.anEndpoint();
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => stage.close());

const handlerWith = (changes: Partial<MethodsDeps> = {}) =>
  caller(
    restHandler([route(CallMethod, callMethod), route(GetCall, getCall)], async () => ({
      ...deps,
      ...changes,
    })),
  );
const place = (headers: Record<string, string>, item = "tea", call = handlerWith()) =>
  call("POST", `/endpoints/${endpoint.endpointId}/methods/placeOrder`, {
    body: { params: { item } },
    headers,
  });

describe("the same Idempotency-Key", () => {
  const key = { "idempotency-key": "order-1" };

  it("is answered the same, and asks the vendor once", async () => {
    const first = await place(key);
    const second = await place(key);

    expect(first).toMatchObject({ status: 200, body: { status: "SUCCESS", data: { id: "1" } } });
    expect(second).toMatchObject({ status: 200, body: first.body });
    expect(stage.shop.seen).toHaveLength(1);
    expect(stage.shop.orders.size).toBe(1);
  });

  it("is answered the same where the vendor refused, and does not ask again", async () => {
    stage.shop.faults = [{ kind: "status", status: 403 }];
    const refused = { "idempotency-key": "order-2" };
    const first = await place(refused);
    const second = await place(refused);

    expect(first).toMatchObject({ status: 422, body: { error: { code: "SOURCE_FORBIDDEN" } } });
    expect(second).toMatchObject({ status: 422, body: first.body });
    expect(stage.shop.seen).toHaveLength(1);
  });

  it("with other parameters is refused with 422, and asks nobody", async () => {
    const mine = { "idempotency-key": "order-3" };
    await place(mine);
    const other = await place(mine, "cake");
    expect(other).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_MISMATCH" } });
    expect(stage.shop.seen).toHaveLength(1);
  });

  it("is refused with 409 while the first is being processed, which then answers", async () => {
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const send: MethodsDeps["send"] = async (...sent) => {
      asked.resolve();
      await gate.promise;
      return deps.send(...sent);
    };
    const call = handlerWith({ send });
    const slow = { "idempotency-key": "order-4" };
    const first = place(slow, "tea", call);
    await asked.promise;

    const second = await place(slow, "tea", call);
    expect(second).toMatchObject({ status: 409, body: { code: "IDEMPOTENCY_IN_FLIGHT" } });
    expect(second.headers["retry-after"]).toBe("1");
    gate.resolve();
    const answered = await first;
    expect(answered.status).toBe(200);
    expect(await place(slow, "tea", call)).toMatchObject({ status: 200, body: answered.body });
    expect(stage.shop.seen).toHaveLength(1);
  });
});

describe("Prefer: respond-async", () => {
  it("is answered with 202 and where the call is, before the vendor is asked", async () => {
    const call = handlerWith();
    const taken = await place({ prefer: "respond-async" }, "tea", call);
    const { callId } = taken.body;
    const location = `/endpoints/${endpoint.endpointId}/calls/${callId}`;

    expect(taken).toMatchObject({ status: 202, body: { status: "QUEUED", result: null } });
    expect(taken.headers.location).toBe(location);
    expect(stage.shop.seen).toEqual([]);
    expect(await call("GET", location)).toMatchObject({ status: 200, body: { status: "QUEUED" } });
  });

  it("with a key is the same call when it is asked again", async () => {
    const headers = { prefer: "respond-async", "idempotency-key": "later-1" };
    const first = await place(headers);
    const second = await place(headers);
    expect(first.status).toBe(202);
    expect(second).toMatchObject({ status: 202, body: { callId: first.body.callId } });
  });
});

it("a vendor's failure is answered 502, and counted as the vendor's", async () => {
  stage.shop.always = { kind: "status", status: 503 };
  let status = 0;
  const published = await publishedMetrics(async () => {
    status = (await place({})).status;
  });
  expect(status).toBe(502);
  const requests = published.filter(({ name }) => name === "ApiRequests");
  expect(requests).toMatchObject([{ dimensions: { area: "methods", outcome: "vendor" } }]);
});
