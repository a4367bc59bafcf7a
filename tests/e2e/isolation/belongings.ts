/**
 * Things of the tenant `demo` that another tenant tries to reach, and the few that the other tenant
 * has itself.
 */
import type { ApiClient } from "../../../local/api-client.ts";
import { startRun, waitForRuns } from "../../../local/main-job.ts";
import { readStack } from "../../../local/stack-file.ts";
import type { Artifact } from "../../../schemas/artifact.ts";
import type { Collection, Probe } from "../../../schemas/collection.ts";
import type { Dataset } from "../../../schemas/dataset.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import type { Run } from "../../../schemas/run.ts";
import type { Sink } from "../../../schemas/sink.ts";
import { aCollectedEndpoint, aName, anEndpoint } from "../../stage/stack/endpoint.ts";
import { admin, bearing, stranger } from "../../stage/stack/people.ts";
import type { Site } from "../../stage/stack/site.ts";
import { firsts } from "./rest-attempts.ts";

/** Ids by the name of the path parameter that they fill. */
export type Ids = Readonly<Record<string, readonly string[]>>;

export interface Belongings {
  /** The owner's, each with something behind it. */
  readonly theirs: Ids;
  /**
   * The owner's again, one of each kind on which even a write that is let through does little harm.
   */
  readonly harmless: Ids;
  /** The other tenant's own. */
  readonly own: Ids;
  /** An Idempotency-Key that the owner used. */
  readonly usedKey: string;
}

/** The first ones have run. */
const UNITS = ["jira.projects", "jira.users", "jira.issues", "jira.comments", "jira.worklogs"];
const RUN = 3;
const ENDPOINTS = 4;

type Items<T> = { readonly items: readonly T[] };

export async function makeBelongings(site: Site): Promise<Belongings> {
  const usedKey = aName("used");
  const collected = await Promise.all(
    Array.from({ length: ENDPOINTS }, () => aCollectedEndpoint(site, aName("theirs"), admin())),
  );
  const [first = fail()] = collected;
  const runs = await Promise.all([
    ...UNITS.slice(0, RUN).map((unitId) =>
      startRun(admin(), { endpointId: first.endpointId, unitId }),
    ),
    admin().call<Run>(
      "POST",
      "/runs",
      { endpointId: collected[1]?.endpointId, unitId: UNITS[0] },
      { "idempotency-key": usedKey },
    ),
  ]);
  await waitForRuns(admin(), runs);
  const config = `/endpoints/${first.endpointId}/units/${UNITS[0]}/config`;
  await admin().call("PUT", config, { enabled: true, scheduleKind: "MANUAL" });
  const bare = await anEndpoint(site, aName("bare"));
  const tenantId = aName("isolated");
  await bearing(readStack().platformToken).call("POST", "/tenants", { tenantId, name: "Nobody's" });
  const foreigner = await aCollectedEndpoint(site, aName("own"), stranger());
  const ownRun = await startRun(stranger(), {
    endpointId: foreigner.endpointId,
    unitId: UNITS[0] ?? "",
  });
  await waitForRuns(stranger(), [ownRun]);
  const theirs = await describe(admin(), collected, runs);
  return {
    theirs,
    harmless: { ...firsts(theirs), endpointId: [bare.endpointId], tenantId: [tenantId] },
    own: { endpointId: [foreigner.endpointId], unitId: UNITS.slice(0, 1), runId: [ownRun.runId] },
    usedKey,
  };
}

async function describe(
  api: ApiClient,
  endpoints: readonly Endpoint[],
  runs: readonly Run[],
): Promise<Ids> {
  const list = async <T>(path: string) => (await api.call<Items<T>>("GET", path)).items;
  const endpointId = endpoints.map((endpoint) => endpoint.endpointId);
  const current = await Promise.all(
    endpointId.map((id) => api.call<Endpoint>("GET", `/endpoints/${id}`)),
  );
  const datasets = await Promise.all(
    endpointId.map((id) => list<Dataset>(`/endpoints/${id}/datasets?limit=100`)),
  );
  const artifacts = await Promise.all(
    runs.map(({ runId }) => list<Artifact>(`/runs/${runId}/artifacts`)),
  );
  const probes = await Promise.all(
    endpointId.slice(0, 2).map((id) => api.call<Probe>("POST", `/endpoints/${id}/test`)),
  );
  const nodes = await Promise.all(
    endpointId.map((id) => list<{ logicalId: string }>(`/kb/nodes?scope=${id}&limit=10`)),
  );
  return {
    endpointId,
    unitId: UNITS,
    datasetId: datasets.flat().map((dataset) => dataset.datasetId),
    sinkId: (await list<Sink>("/sinks?limit=10")).map((sink) => sink.sinkId),
    runId: runs.map((run) => run.runId),
    artifactId: artifacts.flat().map((artifact) => artifact.artifactId),
    collectionId: current.flatMap(
      (endpoint) => endpoint.collectionId ?? [],
    ) satisfies Collection["collectionId"][],
    probeId: probes.map((probe) => probe.probeId),
    logicalId: nodes.flat().map((node) => node.logicalId),
    tenantId: ["demo"],
  };
}

function fail(): never {
  throw new Error("No endpoint was made.");
}
