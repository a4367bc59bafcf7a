/**
 * An endpoint with something in every store, and units at work: what a deletion must remove, and a
 * scan must find before.
 */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { ApiClient } from "../../../client/api-client.ts";
import { startRun } from "../../../local/main-job.ts";
import { ENV } from "../../../schemas/names.ts";
import { PreviewDataset } from "../../../schemas/operations/datasets.ts";
import { CallMethod, PutEndpointSettings } from "../../../schemas/operations/methods.ts";
import { RegisterConnector } from "../../../schemas/operations/registry.ts";
import { PutTransform } from "../../../schemas/operations/transforms.ts";
import { PutUnitConfig } from "../../../schemas/operations/units.ts";
import { aCollectedEndpoint, aName, getRun, runUnit } from "./endpoint.ts";
import type { Site } from "./site.ts";
import { stackS3, workerEnvironment } from "./staging.ts";
import { until } from "./until.ts";

export interface EndpointToDelete {
  readonly endpointId: string;
  readonly runIds: readonly string[];
}

/**
 * How its methods are called is its own; an answer is kept, one that is not awaited is stored; and
 * the tenant has a transform and a connector of its own.
 */
async function callMethods(api: ApiClient, endpointId: string): Promise<void> {
  await api.call(PutEndpointSettings, {
    path: { endpointId },
    body: { methods: { listProjects: { cacheSeconds: 300 } } },
    ifMatch: "*",
  });
  const asked = { path: { endpointId, method: "listProjects" }, body: { params: {} } };
  await api.ask(CallMethod, asked);
  await api.ask(CallMethod, { ...asked, respondAsync: true });

  const name = aName("own");
  await api.call(PutTransform, { path: { transformName: name }, body: { expression: "key" } });
  const method = { name: "list", title: "List", verb: "GET" as const, path: "/things" };
  const baseUrl = "https://desk.example.com";
  await api.call(RegisterConnector, {
    body: { name, version: "1.0.0", baseUrl, methods: [method] },
  });
}

/** So that the runs are still reading when the deletion begins. */
const LATENCY_MILLIS = 200;

/**
 * One unit has landed and is scheduled, a record of it was set aside, and runs of `unitIds` are
 * reading.
 */
export async function anEndpointToDelete(
  site: Site,
  api: ApiClient,
  { tenantId, unitIds }: { readonly tenantId: string; readonly unitIds: readonly string[] },
): Promise<EndpointToDelete> {
  await site.control("faults", { latencyMs: 0 });
  const endpoint = await aCollectedEndpoint(site, aName("doomed"), api);
  const { endpointId } = endpoint;
  await api.call(PutUnitConfig, {
    path: { endpointId, unitId: "jira.projects" },
    body: { enabled: true, scheduleKind: "INTERVAL", scheduleIntervalMinutes: 60 },
  });

  await callMethods(api, endpointId);
  const landed = await runUnit(endpoint, "jira.projects", api);
  await api.call(PreviewDataset, { path: { datasetId: `${endpointId}:jira.projects` } });
  const Key = `quarantine/${tenantId}/${endpointId}/jira.projects/${landed.runId}/set-aside.jsonl`;
  const Bucket = workerEnvironment("pythonWorker")[ENV.stagingBucket];
  await stackS3().send(new PutObjectCommand({ Bucket, Key, Body: "{}" }));

  await site.control("faults", { latencyMs: LATENCY_MILLIS });
  const runs = await Promise.all(unitIds.map((unitId) => startRun(api, { endpointId, unitId })));
  for (const { runId } of runs) {
    await until(`${runId} to run`, 60, async () => (await getRun(runId, api)).status === "RUNNING");
  }
  return { endpointId, runIds: [landed, ...runs].map(({ runId }) => runId) };
}
