import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitForRuns } from "../../local/main-job.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { aCollectedEndpoint, aName, getRun } from "../stage/stack/endpoint.ts";
import { admin, bearing, viewer } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";

const CONFIG =
  "unitId enabled mode sinkId scheduleKind scheduleIntervalMinutes policy version scheduleState";
const STATUS =
  "endpointId unitId status runId startedAt finishedAt nextRunAt stats error { code } checkpoint";
const ACTION = `ok endpointId unitId runId message status { ${STATUS} }`;

describe("the contract's operations on the live stack", () => {
  const name = aName("graph");
  const unitId = "jira.users";
  let site: Site;
  let endpoint: Endpoint;
  beforeAll(async () => {
    site = await aSite({ issues: 20 });
    endpoint = await aCollectedEndpoint(site, name);
  });
  afterAll(() => site.stop());

  const unit = () => ({ e: endpoint.endpointId, u: unitId });
  const UNIT = "$e: ID!, $u: ID!";

  async function ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors } = await admin().graphql<T>(query, variables);
    expect(errors).toBeUndefined();
    return data as T;
  }
  const act = async (mutation: string) =>
    (
      await ask<{ done: Record<string, unknown> }>(
        `mutation (${UNIT}) { done: ${mutation}(endpointId: $e, unitId: $u) { ${ACTION} } }`,
        unit(),
      )
    ).done;
  const status = async () =>
    (
      await ask<{ s: Record<string, unknown> }>(
        `query (${UNIT}) { s: ingestionStatus(endpointId: $e, unitId: $u) { ${STATUS} } }`,
        unit(),
      )
    ).s;

  it("lists the templates that the data plane published", async () => {
    const { templates } = await ask<{
      templates: { id: string; configSchema: { type: string } }[];
    }>(
      `{ templates: metadataEndpointTemplates {
        id name version status capabilities authTypes configSchema
      } }`,
    );

    expect(templates).toContainEqual(
      expect.objectContaining({
        id: "jira",
        configSchema: expect.objectContaining({ type: "object" }),
      }),
    );
  });

  it("finds the endpoint with its datasets and units", async () => {
    const { found, one, sets, units } = await ask<{
      found: { id: string }[];
      one: { name: string; status: string };
      sets: { name: string; ingestable: boolean }[];
      units: { unitId: string; supportedModes: string[] }[];
    }>(
      `query ($e: ID!, $s: String) {
        found: metadataEndpoints(search: $s) { id }
        one: metadataEndpoint(id: $e) { name status }
        sets: datasets(endpointId: $e) { name ingestable fields { name type nullable } }
        units: ingestionUnits(endpointId: $e) {
          unitId datasetId supportedModes defaultPolicy policySchema
        }
      }`,
      { e: endpoint.endpointId, s: name },
    );

    expect(found).toEqual([{ id: endpoint.endpointId }]);
    expect(one).toEqual({ name, status: "READY" });
    expect(sets.filter(({ ingestable }) => ingestable)).toHaveLength(units.length);
    expect(sets.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["jira.issue_types", "jira.api_surface"]),
    );
    expect(units.map(({ unitId }) => unitId)).toContain(unitId);
  });

  it("configures a unit, and refuses a version that has moved", async () => {
    const configure = `mutation ($i: IngestionUnitConfigInput!) {
      c: configureIngestionUnit(input: $i) { ${CONFIG} }
    }`;
    const input = {
      endpointId: endpoint.endpointId,
      unitId,
      enabled: true,
      scheduleKind: "MANUAL",
    };

    const { c } = await ask<{ c: { version: number } }>(configure, { i: input });
    expect(c).toMatchObject({
      unitId,
      enabled: true,
      mode: "FULL",
      scheduleKind: "MANUAL",
      version: 1,
    });

    const { errors } = await admin().graphql(configure, {
      i: { ...input, mode: "SCD1", expectedVersion: 99 },
    });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "STALE_VERSION" });

    const bad = await admin().graphql(configure, {
      i: { ...input, mode: "SOMETIMES", expectedVersion: 1 },
    });
    expect(bad.errors?.[0]?.extensions?.code).toMatch(/^(CONFIG_INVALID|VALIDATION_ERROR)$/);
  });

  it("starts a run once for one idempotency key, and shows how it ended", async () => {
    const start = `mutation ($i: StartIngestionInput!) {
      done: startIngestion(input: $i) { ${ACTION} }
    }`;
    const i = { endpointId: endpoint.endpointId, unitId, idempotencyKey: aName("key") };
    const { done: first } = await ask<{ done: { ok: boolean; runId: string } }>(start, { i });
    const { done: again } = await ask<{ done: { runId: string } }>(start, { i });
    expect(first).toMatchObject({ ok: true, unitId });
    expect(again.runId).toBe(first.runId);
    await waitForRuns(admin(), [await getRun(first.runId)]);
    expect(await status()).toMatchObject({ status: "COMPLETE", runId: first.runId, error: null });
  });

  it("pauses and resumes a schedule and keeps the checkpoint", async () => {
    const { checkpoint } = await status();
    expect(await act("pauseIngestion")).toMatchObject({ ok: true, unitId });
    expect(await act("resumeIngestion")).toMatchObject({ ok: true, unitId });
    expect((await status()).checkpoint).toEqual(checkpoint);
  });

  it("forgets the checkpoint on reset", async () => {
    expect(await act("resetIngestionCheckpoint")).toMatchObject({ ok: true, unitId });
    expect((await status()).checkpoint).toBeNull();
  });

  it("refuses a viewer's mutation, no token and a query too deep, each with its code", async () => {
    const { endpointId } = endpoint;
    const mutation = `mutation {
      pauseIngestion(endpointId: "${endpointId}", unitId: "${unitId}") { ok }
    }`;
    const { data, errors } = await viewer().graphql(mutation);
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
    expect((await bearing(null).send("POST", "/graphql", { query: "{ __typename }" })).status).toBe(
      401,
    );
    const wrong = await admin().graphql("{ nonsense }");
    expect(wrong.errors?.[0]?.extensions).toMatchObject({ code: "VALIDATION_ERROR" });
  });
});
