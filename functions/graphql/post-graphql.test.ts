import { describe, expect, it } from "vitest";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { QUOTAS, RATE_LIMIT } from "../../tests/quotas.ts";
import { postGraphql } from "./post-graphql.ts";
import { contractSchema } from "./schema.ts";

const schema = contractSchema();
const identity = { tenantId: "acme", subject: "anna", roles: ["viewer" as const] };
const request = (query: string) => ({
  ...{ operationId: "postGraphql", requestId: "req-7", identity, path: {}, query: {}, body: { query } },
  ...{ ifMatch: undefined, idempotency: undefined, now: new Date() },
});

/** A client that fails as a network does: with what a caller must never read. */
const brokenTables = {
  client: { send: () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.7 canary-secret")) },
  ...{ control: "c", events: "e", hot: "h" },
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
    const { status, body, failure } = await postGraphql(request("{ metadataEndpoints { id } }"), deps);
    expect([status, failure]).toEqual([200, "INTERNAL"]);
    expect(body).toMatchObject({ errors: [{ extensions: { code: "INTERNAL", requestId: "req-7" } }] });
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
    expect(introspection.body).toMatchObject({ errors: [{ extensions: { code: "VALIDATION_ERROR" } }] });
    const typo = await postGraphql(request("{ metadataEndpointz { id } }"), deps);
    expect(JSON.stringify(typo.body)).toContain("metadataEndpointz");
    expect(JSON.stringify(typo.body)).not.toContain("Did you mean");
  });
});
