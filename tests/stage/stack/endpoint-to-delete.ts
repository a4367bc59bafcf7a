/**
 * An endpoint with something in every store, and units at work: what a deletion must remove, and a
 * scan must find before.
 */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { ApiClient } from "../../../client/api-client.ts";
import { startRun } from "../../../local/main-job.ts";
import { ENV } from "../../../schemas/names.ts";
import { PreviewDataset } from "../../../schemas/operations/datasets.ts";
import { PutUnitConfig } from "../../../schemas/operations/units.ts";
import { aCollectedEndpoint, aName, getRun, runUnit } from "./endpoint.ts";
import type { Site } from "./site.ts";
import { stackS3, workerEnvironment } from "./staging.ts";
import { until } from "./until.ts";

export interface EndpointToDelete {
  readonly endpointId: string;
  readonly runIds: readonly string[];
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
