import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { Problem } from "../../schemas/error.ts";
import { DomainError } from "../../schemas/errors.ts";
import { operation } from "../../schemas/operation.ts";
import { ADMIN, gatewayEvent, VIEWER } from "../../tests/stage/control-plane.ts";
import { publishedMetrics } from "../../tests/stage/published-metrics.ts";
import { ok } from "./answer.ts";
import { restHandler, route } from "./rest.ts";

const PutThing = operation({
  id: "putThing",
  method: "PUT",
  path: "/things/{thingId}",
  area: "endpoints",
  role: "operator",
  summary: "For this test.",
  pathParams: z.strictObject({ thingId: z.string().regex(/^[a-z:]+$/) }),
  query: z.strictObject({ limit: z.coerce.number().int().max(5).default(2) }),
  body: z.strictObject({ secret: z.string() }),
  ifMatch: "optional",
  idempotencyKey: true,
  answers: { 200: null },
});

const MEMBERS = Array.from({ length: 60_000 }, (_, n) => `m${n}`);

let behaviour: () => unknown = () => undefined;
const handler = restHandler(
  [route(PutThing, async (request) => ok(behaviour() ?? { ...request, now: undefined }))],
  async () => ({}),
);

async function send(method: string, target: string, sent: Parameters<typeof gatewayEvent>[2] = {}) {
  const answer = await handler(gatewayEvent(method, target, sent));
  return { ...answer, body: JSON.parse(answer.body) };
}
const put = (sent: Parameters<typeof gatewayEvent>[2] = {}) =>
  send("PUT", "/things/a", { body: { secret: "s" }, ...sent });

beforeEach(() => {
  behaviour = () => undefined;
});

describe("a request", () => {
  it("reaches its operation parsed", async () => {
    const headers = { "If-Match": '"3"', "idempotency-key": "k" };
    const { body, headers: answered } = await send("PUT", "/things/a%3Ab?limit=4", {
      body: { secret: "s" },
      headers,
    });

    expect(body).toMatchObject({
      path: { thingId: "a:b" },
      query: { limit: 4 },
      body: { secret: "s" },
      ifMatch: 3,
    });
    expect(body.identity).toEqual({ tenantId: "acme", subject: "anna", roles: ["admin"] });
    expect(body.idempotency).toEqual({
      route: "putThing",
      key: "k",
      requestHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(answered).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
  });

  it("with one key is the same however it is spelt, another when it differs", async () => {
    const headers = { "idempotency-key": "k" };
    const hash = async (body: string) =>
      (await put({ body, headers })).body.idempotency.requestHash;
    expect(await hash('{"secret":"s"}')).toBe(await hash('{ "secret" : "s" }'));
    expect(await hash('{"secret":"s"}')).not.toBe(await hash('{"secret":"t"}'));
  });

  it.each<[string, number, string, Parameters<typeof gatewayEvent>[2]]>([
    ["no token", 401, "UNAUTHENTICATED", { as: null }],
    ["too small a role", 403, "FORBIDDEN", { as: VIEWER }],
    [
      "an unknown role",
      401,
      "UNAUTHENTICATED",
      { as: { tenantId: "acme", roles: ["root" as never] } },
    ],
    [
      "a tenant that is no id",
      401,
      "UNAUTHENTICATED",
      { as: { tenantId: "a#b", roles: ["admin"] } },
    ],
    ["no JSON type", 415, "UNSUPPORTED_MEDIA_TYPE", { headers: { "content-type": "text/plain" } }],
    ["broken JSON", 400, "VALIDATION_ERROR", { body: '{"secret": "canary' }],
    ["an extra field", 400, "VALIDATION_ERROR", { body: { secret: "s", tenantId: "x" } }],
    ["a wrong type", 400, "VALIDATION_ERROR", { body: { secret: { canary: "canary" } } }],
    ["a number nobody keeps", 400, "VALIDATION_ERROR", { body: '{"secret": 1e400}' }],
    ["a body over 1 MB", 413, "PAYLOAD_TOO_LARGE", { body: { secret: "x".repeat(1_048_576) } }],
    ["a megabyte of brackets", 400, "VALIDATION_ERROR", { body: "[".repeat(1_000_000) }],
    ["a megabyte of nested members", 400, "VALIDATION_ERROR", { body: '{"a":'.repeat(200_000) }],
    [
      "60,000 members",
      400,
      "VALIDATION_ERROR",
      { body: Object.fromEntries(MEMBERS.map((name) => [name, 1])) },
    ],
    [
      "20,000 extra fields",
      400,
      "VALIDATION_ERROR",
      { body: Object.fromEntries(MEMBERS.slice(0, 20_000).map((name) => [name, 1])) },
    ],
    ["a weak ETag", 400, "VALIDATION_ERROR", { headers: { "if-match": 'W/"3"' } }],
    ["a key with spaces", 400, "VALIDATION_ERROR", { headers: { "idempotency-key": "a b" } }],
  ])("with %s is refused with %i", async (_, status, code, sent) => {
    const { statusCode, headers, body } = await put(sent);
    expect({ statusCode, code: body.code }).toEqual({ statusCode: status, code });
    expect(headers["content-type"]).toBe("application/problem+json");
    expect(Problem.parse(body).requestId).toBe("req-1");
    expect(JSON.stringify(body)).not.toContain("canary");
  });

  it.each([
    ["a byte too much", 1_048_577, 413],
    ["six megabytes", 6_000_000, 413],
    ["what is no JSON", 1_048_576, 400],
  ])("in base64 with %s is refused", async (_, bytes, status) => {
    const event = gatewayEvent("PUT", "/things/a", {
      body: Buffer.alloc(bytes, "x").toString("base64"),
    });
    const answer = await handler({ ...event, isBase64Encoded: true });
    expect(answer.statusCode).toBe(status);
  });

  it("for an unknown path or method is told which", async () => {
    expect((await send("GET", "/nothing")).body.code).toBe("NOT_FOUND");
    const wrong = await send("DELETE", "/things/a");
    expect(wrong).toMatchObject({
      statusCode: 405,
      headers: { allow: "PUT" },
      body: { code: "METHOD_NOT_ALLOWED" },
    });
  });
});

describe("a failure", () => {
  it("that was thrown on purpose is a problem document with its details", async () => {
    behaviour = () => {
      throw new DomainError("RUN_ACTIVE", "Wait.", { runId: "run_1" });
    };
    expect(await put()).toMatchObject({
      statusCode: 409,
      body: { code: "RUN_ACTIVE", details: { runId: "run_1" } },
    });
  });

  it("that was not is masked for the caller, and logged without what it said", async () => {
    behaviour = () => JSON.parse('{"password": canary}');
    const lines = await logged();
    expect(lines.answer).toMatchObject({
      statusCode: 500,
      body: { code: "INTERNAL", requestId: "req-1" },
    });
    expect(JSON.stringify(lines)).toContain("SyntaxError");
    expect(JSON.stringify(lines)).not.toContain("canary");
  });
});

describe("a log line", () => {
  it("holds request, tenant, operation, run and outcome, and nothing of the body", async () => {
    behaviour = () => ({ runId: "run_7", password: "canary" });
    const { lines } = await logged();
    const line = lines.map((text) => JSON.parse(text)).find(({ message }) => message === "request");
    const expected = {
      requestId: "req-1",
      tenantId: "acme",
      operation: "putThing",
      status: 200,
      runId: "run_7",
    };
    expect(line).toMatchObject(expected);
    expect(lines.join("")).not.toContain("canary");
  });
});

/** Sends a request whose body holds a canary, and catches what the function writes. */
async function logged() {
  vi.resetModules();
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
  vi.stubEnv("POWERTOOLS_DEV", "true");
  const lines: string[] = [];
  for (const level of ["info", "error", "log"] as const)
    vi.spyOn(console, level).mockImplementation((text) => void lines.push(text));
  const fresh = await import("./rest.ts");
  const own = fresh.restHandler(
    [fresh.route(PutThing, async () => ok(behaviour()))],
    async () => ({}),
  );
  const event = gatewayEvent("PUT", "/things/a", { body: { secret: "canary" }, as: ADMIN });
  const answer = await own(event);
  return { answer: { ...answer, body: JSON.parse(answer.body) }, lines };
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("whatever the event", () => {
  it("only an answer or a problem document leaves", async () => {
    const context = fc.record(
      {
        requestId: fc.oneof(fc.string(), fc.anything()),
        http: fc.oneof(
          fc.record({
            method: fc.constantFrom("GET", "PUT", "BREW"),
            path: fc.oneof(fc.constantFrom("/things/a", "/things/%E0%A4%A", "//"), fc.webPath()),
          }),
          fc.anything(),
        ),
        authorizer: fc.oneof(
          fc.constant({ lambda: { tenantId: "acme", subject: "x", roles: "admin" } }),
          fc.record({ lambda: fc.anything() }),
          fc.anything(),
        ),
      },
      { requiredKeys: [] },
    );

    const event = fc.record(
      {
        version: fc.oneof(fc.constant("2.0"), fc.anything()),
        requestContext: fc.oneof({ weight: 5, arbitrary: context }, fc.anything()),
        headers: fc.oneof(
          fc.dictionary(fc.string(), fc.string()),
          fc.constant({ "content-type": "application/json" }),
          fc.anything(),
        ),
        queryStringParameters: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.anything()),
        pathParameters: fc.anything(),
        body: fc.oneof(fc.json(), fc.string(), fc.anything()),
        isBase64Encoded: fc.oneof(fc.boolean(), fc.anything()),
      },
      { requiredKeys: [] },
    );

    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 9, arbitrary: event }, fc.anything()),
        fc.anything(),
        async (sent, context) => {
          const { statusCode, body } = await handler(sent, context);
          if (statusCode >= 300) expect(Problem.parse(JSON.parse(body)).status).toBe(statusCode);
          else expect(statusCode).toBe(200);
        },
      ),
      { numRuns: 300 },
    );
  });
});

it("a request is counted by its area and its answer, or by the error in its body", async () => {
  const counted = async (sent: Parameters<typeof gatewayEvent>[2], failed?: "INTERNAL" | Error) => {
    const own = restHandler(
      [
        route(PutThing, async () => {
          if (failed instanceof Error) throw failed;
          return { ...ok({}), failure: failed };
        }),
      ],
      async () => ({}),
    );
    return publishedMetrics(() => own(gatewayEvent("PUT", "/things/a", sent)));
  };
  const dimensions = (outcome: string) => ({ area: "endpoints", outcome });
  const body = { secret: "s" };

  expect(await counted({ body })).toMatchObject([
    { name: "ApiRequests", dimensions: dimensions("2xx"), value: 1 },
    { name: "ApiDuration", dimensions: dimensions("2xx") },
  ]);
  expect(await counted({ body: {} })).toMatchObject([{ dimensions: dimensions("4xx") }, {}]);
  const away = new DomainError("SOURCE_UNAVAILABLE", "The source does not answer. Try again.");
  expect(await counted({ body }, away)).toMatchObject([{ dimensions: dimensions("vendor") }, {}]);
  expect(await counted({ body }, "INTERNAL")).toMatchObject([
    { dimensions: dimensions("5xx") },
    {},
  ]);
  vi.unstubAllEnvs();
});
