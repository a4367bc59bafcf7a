import { GraphQLError } from "graphql";
import { describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { QUOTAS, RATE_LIMIT } from "../../tests/stage/quotas.ts";
import { formatError } from "./format-error.ts";
import { postGraphql } from "./post-graphql.ts";
import { contractSchema } from "./schema.ts";

const schema = contractSchema();
const identity = { tenantId: "acme", subject: "anna", roles: ["viewer" as const] };
const request = (query: string) => ({
  operationId: "postGraphql",
  requestId: "req-7",
  identity,
  path: {},
  query: {},
  body: { query },
  ifMatch: undefined,
  idempotency: undefined,
  now: new Date(),
});

/** A client that fails as a network does: with what a caller must never read. */
const brokenTables = {
  client: { send: () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.7 canary-secret")) },
  control: "c",
  events: "e",
  hot: "h",
} as unknown as Tables;

describe("POST /graphql", () => {
  it("masks what it did not throw on purpose, with the request id to quote", async () => {
    const deps = {
      tables: brokenTables,
      minimumIntervalMinutes: 1,
      rateLimit: RATE_LIMIT,
      defaultQuotas: QUOTAS,
      schema,
      open: true,
    };
    const { status, body, failure } = await postGraphql(
      request("{ metadataEndpoints { id } }"),
      deps,
    );

    expect([status, failure]).toEqual([200, "INTERNAL"]);
    expect(body).toMatchObject({
      errors: [{ extensions: { code: "INTERNAL", requestId: "req-7" } }],
    });
    expect(JSON.stringify(body)).not.toContain("canary");
  });

  it("keeps schema and suggestions to itself in production", async () => {
    const deps = {
      tables: brokenTables,
      minimumIntervalMinutes: 1,
      rateLimit: RATE_LIMIT,
      defaultQuotas: QUOTAS,
      schema,
      open: false,
    };
    const introspection = await postGraphql(request("{ __schema { __typename } }"), deps);

    expect(introspection.body).toMatchObject({
      errors: [{ extensions: { code: "VALIDATION_ERROR" } }],
    });
    const typo = await postGraphql(request("{ metadataEndpointz { id } }"), deps);
    expect(JSON.stringify(typo.body)).toContain("metadataEndpointz");
    expect(JSON.stringify(typo.body)).not.toContain("Did you mean");
  });
});

describe("variables that do not fit", () => {
  const configure =
    "mutation($p: IngestionUnitConfigInput!) { configureIngestionUnit(input: $p) { id } }";
  const unit = { endpointId: "ep_1", unitId: "shop.orders" };
  const deps = {
    tables: brokenTables,
    minimumIntervalMinutes: 1,
    rateLimit: RATE_LIMIT,
    defaultQuotas: QUOTAS,
    schema,
    open: true,
  };
  const answered = async (p: Record<string, unknown>) => {
    const asked = { ...request(configure), body: { query: configure, variables: { p } } };
    return (await postGraphql(asked, deps)).body as {
      errors: { message: string; extensions: object }[];
    };
  };

  it("are told once, whatever they hold: each telling would print all that was sent", async () => {
    const members = Array.from({ length: 20_000 }, (_, at) => [`k${at}`, "v".repeat(20)]);
    const { errors } = await answered({ ...unit, ...Object.fromEntries(members) });
    expect(errors.length).toBeLessThan(3);
    expect(errors[0]?.extensions).toMatchObject({ code: "VALIDATION_ERROR" });
    expect(JSON.stringify(errors).length).toBeLessThan(2000);
  });

  it("are not repeated by the megabyte", async () => {
    const { errors } = await answered({ ...unit, enabled: "x".repeat(900_000) });
    expect(errors).toMatchObject([{ extensions: { code: "VALIDATION_ERROR" } }]);
    expect(JSON.stringify(errors).length).toBeLessThan(2000);
  });

  it.each<[string, string, Record<string, unknown>]>([
    ["a variable of another type", configure, { p: { ...unit, enabled: "yes" } }],
    ["none at all", configure, {}],
    ["null for one that must be there", configure, { p: null }],
    ["a number beyond 32 bits", "query($l: Int) { ingestionRuns(limit: $l) { id } }", { l: 1e300 }],
    [
      "null for an argument that must be there",
      'query($id: ID = "x") { ingestionRun(id: $id) { id } }',
      { id: null },
    ],
  ])("are the caller's fault, not ours: %s", async (_, query, variables) => {
    const { failure } = await postGraphql({ ...request(query), body: { query, variables } }, deps);
    expect(failure).toBe("VALIDATION_ERROR");
  });

  it("but what we read ourselves and cannot show is ours", () => {
    const ours = new GraphQLError("Int cannot represent it", {
      path: ["x"],
      originalError: new GraphQLError("Int"),
    });
    expect(formatError(ours, "req-7").extensions).toMatchObject({ code: "INTERNAL" });
  });
});
