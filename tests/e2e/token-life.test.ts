/** Runs that outlive their tokens, and tokens that are rotated while a run is at work. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  collect,
  ensureSink,
  registerEndpoint,
  startRun,
  waitForRuns,
} from "../../local/main-job.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { PutEndpointCredentials } from "../../schemas/operations/endpoints.ts";
import type { Run } from "../../schemas/run.ts";
import { aName, getRun } from "../stage/stack/endpoint.ts";
import { aGateway, CLOUD_ID, type Gateway } from "../stage/stack/gateway.ts";
import { compareWithTruth, EXACT } from "../stage/stack/lake.ts";
import { admin } from "../stage/stack/people.ts";
import { aSite, type Site } from "../stage/stack/site.ts";
import { until } from "../stage/stack/until.ts";

const ISSUES = 400;
const LIFE_SECONDS = 4;
const PACE_MS = 400;
/** The app's points are shared by all endpoints of the tenant, those of other tests too. */
const MANY = { pointsPerHour: 100_000_000 };

let site: Site;
beforeAll(async () => {
  site = await aSite({ issues: ISSUES });
});
afterAll(() => site.stop());

const gateways: Gateway[] = [];
afterAll(() => Promise.all(gateways.map((gateway) => gateway.close())));

async function behind(lifeSeconds: number): Promise<Gateway> {
  const gateway = await aGateway(site, { lifeSeconds, paceMs: PACE_MS });
  gateways.push(gateway);
  return gateway;
}

async function collectedWith(gateway: Gateway, secret: Record<string, string>): Promise<Endpoint> {
  await ensureSink(admin());
  const endpoint = await registerEndpoint(admin(), {
    endpointName: aName("oauth"),
    connector: "jira",
    config: { baseUrl: site.url, cloudId: CLOUD_ID, gatewayUrl: gateway.url, rateLimit: MANY },
    credentials: { authType: "oauth2", secret },
  });
  await collect(admin(), endpoint.endpointId);
  return endpoint;
}

const begun = ({ endpointId }: Endpoint) =>
  startRun(admin(), { endpointId, unitId: "jira.issues" });

async function ended(run: Run): Promise<Run> {
  const [end] = await waitForRuns(admin(), [run]);
  if (!end) throw new Error("The run is gone.");
  return end;
}

/** The gateway has answered so many requests of the run. */
const atWork = (gateway: Gateway, answered: number) =>
  until("requests of the run", 60, async () => gateway.counts.answered > answered + 3);

async function landedWhole(endpoint: Endpoint, run: Run): Promise<void> {
  const said = run.evidence.filter(({ weight }) => weight !== "info");
  expect({ ...run, said }).toMatchObject({ status: "COMPLETE", error: null, said: [] });
  expect(run.stats.landed).toBe(ISSUES);
  expect(await compareWithTruth(endpoint, site, ["issues"])).toMatchObject([EXACT]);
}

describe("a run", () => {
  it("that is longer than its token's life completes, and each token serves its time", async () => {
    const gateway = await behind(LIFE_SECONDS);
    const { accessToken: _, ...authorized } = gateway.authorized();
    const endpoint = await collectedWith(gateway, authorized);
    const before = gateway.counts.renewed;
    const run = await ended(await begun(endpoint));

    await landedWhole(endpoint, run);
    const seconds = (Date.parse(run.finishedAt ?? "") - Date.parse(run.startedAt ?? "")) / 1000;
    expect(seconds).toBeGreaterThan(2 * LIFE_SECONDS);
    expect(gateway.counts.renewed - before).toBeGreaterThanOrEqual(2);
    expect(gateway.counts.renewed - before).toBeLessThanOrEqual(seconds / (LIFE_SECONDS / 2));
  });

  it("uses a credential that is rotated while it is at work", async () => {
    const gateway = await behind(3600);
    gateway.takes("canary-before", 3600);
    const endpoint = await collectedWith(gateway, { accessToken: "canary-before" });
    const { answered } = gateway.counts;
    const run = await begun(endpoint);
    await atWork(gateway, answered);

    gateway.takes("canary-after", 3600);
    const secret = { accessToken: "canary-after" };
    const path = { endpointId: endpoint.endpointId };
    await admin().call(PutEndpointCredentials, { path, body: { authType: "oauth2", secret } });
    gateway.revokes("canary-before");
    expect((await getRun(run.runId)).finishedAt).toBeNull();

    await landedWhole(endpoint, await ended(run));
    expect(gateway.used()).toEqual(["canary-before", "canary-after"]);
    expect(gateway.counts.refused).toBeGreaterThan(0);
  });

  it("has one token made for a storm of refusals", async () => {
    const gateway = await behind(3600);
    const { accessToken: stored = "", ...authorized } = gateway.authorized();
    gateway.takes(stored, 3600);
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const secret = { ...authorized, accessToken: stored, expiresAt };
    const endpoint = await collectedWith(gateway, secret);
    const { answered, renewed } = gateway.counts;
    const run = await begun(endpoint);
    await atWork(gateway, answered);

    for (const token of gateway.used()) gateway.revokes(token);

    await landedWhole(endpoint, await ended(run));
    expect(gateway.counts.refused).toBeGreaterThan(0);
    expect(gateway.counts.renewed - renewed).toBe(1);
  });
});
