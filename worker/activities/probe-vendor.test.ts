/** A test of an endpoint with methods only, from its probe's start to its answer, at a real site. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getEndpoint } from "../../adapters/dynamodb/endpoints/store.ts";
import { getProbe, queueProbe } from "../../adapters/dynamodb/probes/store.ts";
import { publishManifest } from "../../adapters/dynamodb/registry/connectors.ts";
import { brokerCredential } from "../../integrations/credentials/broker.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import { pluginOf } from "../../integrations/registry.ts";
import { Manifest } from "../../schemas/connector.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import json from "../../schemas/json/manifest.json" with { type: "json" };
import { aProbe } from "../../tests/histories/nouns.ts";
import { aBroker, anOwner, stored } from "../../tests/stage/brokered.ts";
import { callDeps } from "../../tests/stage/method-calls.ts";
import { QUOTAS } from "../../tests/stage/quotas.ts";
import type { VendorDeps } from "./deps.ts";
import { probeVendor } from "./probe-vendor.ts";
import { startProbe } from "./start-probe.ts";

const GOOD = "canary-good-token";
const BAD = "canary-bad-token";

let broker: BrokerDeps;
let vendor: VendorDeps;
let site: Server;
let baseUrl: string;
const asked: string[] = [];
beforeAll(async () => {
  broker = await aBroker();
  const { tables, now } = broker;
  await publishManifest(tables, Manifest.parse(json));
  const calls = { ...callDeps(tables), pluginOf };
  const askBroker: VendorDeps["askBroker"] = (request) => brokerCredential(broker, request);
  vendor = { tables, now, calls, askBroker };
  site = createServer(({ headers, url = "" }, response) => {
    asked.push(url);
    const good = headers.authorization === `Bearer ${GOOD}`;
    // A site that repeats what it was sent.
    const body = JSON.stringify({ message: `Bad credentials: ${headers.authorization}` });
    response.writeHead(good ? 200 : 401, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(() => site.close());

const anEndpoint = (token: string, config: Record<string, unknown> = { baseUrl }) =>
  anOwner(
    broker,
    { authType: "bearer", secret: { token } },
    { connector: "github", connectorVersion: "1.0.0", config, status: "NEW" },
  );

let probes = 0;
/** What the person reads who asked, once the probe's first activity is over. */
async function tested(endpoint: Endpoint, offered?: Endpoint) {
  const { tenantId, endpointId: subject } = endpoint;
  const probeId = `prb_${++probes}`;
  const queuedAt = new Date().toISOString();
  await queueProbe(broker.tables, { ...aProbe(tenantId), probeId, subject, queuedAt }, { offered });
  const deps = {
    tables: broker.tables,
    environment: "local",
    grantKey: broker.grantKey,
    defaultQuotas: QUOTAS,
    isWorkflowOpen: () => Promise.reject(new Error("not asked")),
    readStaged: () => Promise.reject(new Error("not read")),
    now: broker.now,
  };
  const work = await startProbe(deps, { tenantId, probeId }, (source) =>
    probeVendor(vendor, tenantId, source),
  );
  return { work, probe: await getProbe(broker.tables, tenantId, probeId) };
}

describe("a test of an endpoint with methods only", () => {
  it("asks the vendor by the connector's plugin, and shows that it is connected", async () => {
    const endpoint = await anEndpoint(GOOD);
    const { work, probe } = await tested(endpoint);
    expect(work).toBeNull();
    expect(probe).toMatchObject({ status: "COMPLETE", error: null });
    expect(asked).toContain("/rate_limit");
    const { connection } = await getEndpoint(broker.tables, "acme", endpoint.endpointId);
    expect(connection).toMatchObject({ status: "CONNECTED" });
  });

  it("says that the vendor refuses the credential, and nothing of it", async () => {
    const endpoint = await anEndpoint(BAD);
    const { probe } = await tested(endpoint);
    expect(probe).toMatchObject({ status: "FAILED", error: { code: "AUTH_ERROR" } });
    expect(JSON.stringify(probe)).not.toContain(BAD);
    const { connection } = await getEndpoint(broker.tables, "acme", endpoint.endpointId);
    expect(connection).toMatchObject({ status: "AUTH_ERROR" });
  });

  it("tries what is offered, and leaves what is stored", async () => {
    const endpoint = await anEndpoint(GOOD);
    const secret = { authType: "bearer", secret: { token: BAD } };
    const credentialVersion = await stored(broker, endpoint, secret);
    const { probe } = await tested(endpoint, { ...endpoint, credentialVersion });
    expect(probe).toMatchObject({ status: "FAILED", error: { code: "AUTH_ERROR" } });
    const { connection } = await getEndpoint(broker.tables, "acme", endpoint.endpointId);
    expect(connection.status).toBe("NOT_CONNECTED");
  });

  it("is answered where the vendor cannot be reached or may not be connected to", async () => {
    const gone = await tested(await anEndpoint(GOOD, { baseUrl: "http://127.0.0.1:9" }));
    expect(gone.probe.error).toMatchObject({ code: "SOURCE_UNAVAILABLE", retryable: true });
    const inside = await tested(await anEndpoint(GOOD, { baseUrl: "http://169.254.169.254" }));
    expect(inside.probe.error).toMatchObject({ code: "CONFIG_INVALID", retryable: false });
  });

  it("leaves to Python what Python reads", async () => {
    const jira = { connector: "jira", connectorVersion: "1.0.0", config: { baseUrl } };
    const secret = { email: "ann@example.com", apiToken: GOOD };
    const endpoint = await anOwner(broker, { authType: "basic", secret }, jira);
    expect((await tested(endpoint)).work).toMatchObject({ source: { connector: "jira" } });
  });
});
