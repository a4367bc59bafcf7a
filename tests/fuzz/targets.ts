/**
 * What the fuzzer may name: things of the demo tenant that exist, so that requests get past "no
 * such thing".
 */
import type { ApiClient } from "../../client/api-client.ts";
import {
  collect,
  ensureSink,
  registerEndpoint,
  startRun,
  waitForRuns,
} from "../../local/main-job.ts";
import { stackApi } from "../../local/stack-api.ts";
import type { Stack } from "../../local/stack-file.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { TestEndpoint } from "../../schemas/operations/endpoints.ts";
import { ListKbNodes } from "../../schemas/operations/knowledge.ts";
import { CallMethod, ListMethods } from "../../schemas/operations/methods.ts";
import { ListConnectors } from "../../schemas/operations/registry.ts";
import { ListRunArtifacts } from "../../schemas/operations/runs.ts";
import { CreateSink } from "../../schemas/operations/sinks.ts";
import { CreateTenant } from "../../schemas/operations/tenants.ts";
import { PutTransform } from "../../schemas/operations/transforms.ts";
import { PutUnitConfig } from "../../schemas/operations/units.ts";
import type { Site } from "../stage/stack/site.ts";

/** Values by the name of a dictionary in schemathesis.toml. */
export type Dictionaries = Readonly<Record<string, readonly string[]>>;

const UNITS = ["jira.projects", "jira.users"] as const;
const SPARE = 6;
/** Another one each time: a stack that goes on running keeps the last time's things. */
const RUN = Date.now().toString(36);
const TENANT = `fuzzed_${RUN}`;

type Account = Pick<Site, "url" | "email" | "token">;

export async function makeTargets(stack: Stack, site: Account): Promise<Dictionaries> {
  const api = stackApi(stack.apiUrl, stack.token);
  const platform = stackApi(stack.apiUrl, stack.platformToken);
  const sink = await ensureSink(api);
  const endpoint = await anEndpoint(api, site, `fuzzed ${RUN}`);
  const { collectionId } = await collect(api, endpoint.endpointId);
  const runs = await waitForRuns(
    api,
    await Promise.all(
      UNITS.map((unitId) => startRun(api, { endpointId: endpoint.endpointId, unitId })),
    ),
  );
  const artifacts = await Promise.all(
    runs.map(({ runId }) => api.call(ListRunArtifacts, { path: { runId } })),
  );
  const { endpointId } = endpoint;
  const probe = await api.call(TestEndpoint, { path: { endpointId } });
  const methods = await api.call(ListMethods, { path: { endpointId } });
  const nodes = await api.call(ListKbNodes, { query: { scope: endpointId, limit: 20 } });
  const { items: connectors } = await api.call(ListConnectors, { query: { limit: 100 } });
  await api.call(PutUnitConfig, {
    path: { endpointId, unitId: UNITS[0] },
    body: { enabled: true, scheduleKind: "MANUAL" },
  });
  await platform.call(CreateTenant, { body: { tenantId: TENANT, name: "For the fuzzer" } });

  return {
    endpointId: [endpointId],
    spareEndpointId: await Promise.all(
      spares((n) => anEndpoint(api, site, `spare ${n} ${RUN}`), "endpointId"),
    ),
    unitId: UNITS,
    datasetId: UNITS.map((unitId) => `${endpointId}:${unitId}`),
    sinkId: [sink.sinkId],
    spareSinkId: await Promise.all(spares((n) => aSink(api, `spare ${n} ${RUN}`), "sinkId")),
    runId: runs.map(({ runId }) => runId),
    artifactId: artifacts.flatMap(({ items }) => items.map(({ artifactId }) => artifactId)),
    collectionId: [collectionId],
    probeId: [probe.probeId],
    method: methods.items.map(({ name }) => name),
    callId: [await aCall(api, endpointId)],
    transformName: [await aTransform(api, `fuzzed_${RUN}`)],
    spareTransformName: await Promise.all(
      Array.from({ length: SPARE }, (_, n) => aTransform(api, `spare_${n}_${RUN}`)),
    ),
    logicalId: nodes.items.map(({ logicalId }) => logicalId),
    tenantId: [TENANT],
    authType: ["basic"],
    ifMatch: ['"1"', '"2"', "*"],
    connector: connectors.filter(({ kind }) => kind === "source").map(({ name }) => name),
    sinkType: connectors.filter(({ kind }) => kind === "sink").map(({ name }) => name),
    connectorVersion: [...new Set(connectors.map(({ version }) => version))],
  };
}

/** What the connector's own schemas want of the free objects in a body, by operation. */
export function fittingBodies({ url, email, token }: Account): Readonly<Record<string, object>> {
  const secret = { email, apiToken: token };
  const endpoint = { config: { baseUrl: url }, credentials: { authType: "basic", secret } };
  return {
    "POST /endpoints": endpoint,
    "PATCH /endpoints/{endpointId}": endpoint,
    "PUT /endpoints/{endpointId}/credentials": { secret },
    "POST /sinks": { config: {} },
    "PATCH /sinks/{sinkId}": { config: {} },
    "PUT /endpoints/{endpointId}/units/{unitId}/config": { policy: {} },
  };
}

function spares<K extends string>(
  make: (n: number) => Promise<Record<K, string>>,
  id: K,
): Promise<string>[] {
  return Array.from({ length: SPARE }, async (_, n) => (await make(n))[id]);
}

async function aTransform(api: ApiClient, transformName: string): Promise<string> {
  await api.call(PutTransform, { path: { transformName }, body: { expression: "key" } });
  return transformName;
}

async function aCall(api: ApiClient, endpointId: string): Promise<string> {
  const path = { endpointId, method: "listProjects" };
  const { body } = await api.ask(CallMethod, { path, body: { params: {} }, respondAsync: true });
  if ("callId" in body) return body.callId;
  throw new Error("The call was not taken on.");
}

function anEndpoint(
  api: ApiClient,
  { url, email, token }: Account,
  endpointName: string,
): Promise<Endpoint> {
  const credentials = { authType: "basic", secret: { email, apiToken: token } };
  return registerEndpoint(api, {
    endpointName,
    connector: "jira",
    config: { baseUrl: url },
    credentials,
  });
}

const aSink = (api: ApiClient, name: string) =>
  api.call(CreateSink, { body: { name, type: "warehouse.iceberg", config: {} } });
