/**
 * Things of the tenant `demo` that another tenant tries to reach, and the few that the other tenant
 * has itself.
 */
import type { ApiClient } from "../../../client/api-client.ts";
import { startRun, waitForRuns } from "../../../local/main-job.ts";
import type { Collection, Probe } from "../../../schemas/collection.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { ListDatasets } from "../../../schemas/operations/datasets.ts";
import { GetEndpoint, GetProbe, TestEndpoint } from "../../../schemas/operations/endpoints.ts";
import { ListKbNodes } from "../../../schemas/operations/knowledge.ts";
import { CallMethod } from "../../../schemas/operations/methods.ts";
import { RegisterConnector } from "../../../schemas/operations/registry.ts";
import { ListRunArtifacts, StartRun } from "../../../schemas/operations/runs.ts";
import { ListSinks } from "../../../schemas/operations/sinks.ts";
import { CreateTenant } from "../../../schemas/operations/tenants.ts";
import { PutTransform } from "../../../schemas/operations/transforms.ts";
import { PutUnitConfig } from "../../../schemas/operations/units.ts";
import type { Run } from "../../../schemas/run.ts";
import { aCollectedEndpoint, aName, anEndpoint } from "../../stage/stack/endpoint.ts";
import { admin, platform, stranger } from "../../stage/stack/people.ts";
import type { Site } from "../../stage/stack/site.ts";
import { until } from "../../stage/stack/until.ts";
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
const UNITS = [
  "jira.projects",
  "jira.users",
  "jira.issues",
  "jira.comments",
  "jira.worklogs",
] as const;
const RUN = 3;
const ENDPOINTS = 4;

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
    admin().call(StartRun, {
      body: { endpointId: collected[1]?.endpointId ?? "", unitId: UNITS[0] },
      idempotencyKey: usedKey,
    }),
  ]);
  await waitForRuns(admin(), runs);
  await admin().call(PutUnitConfig, {
    path: { endpointId: first.endpointId, unitId: UNITS[0] },
    body: { enabled: true, scheduleKind: "MANUAL" },
  });

  const bare = await anEndpoint(site, aName("bare"));
  const tenantId = aName("isolated");
  await platform().call(CreateTenant, { body: { tenantId, name: "Nobody's" } });
  const foreigner = await aCollectedEndpoint(site, aName("own"), stranger());
  const ownRun = await startRun(stranger(), {
    endpointId: foreigner.endpointId,
    unitId: UNITS[0],
  });
  await waitForRuns(stranger(), [ownRun]);

  const theirs = await describe(admin(), collected, runs);
  return {
    theirs,
    harmless: { ...firsts(theirs), endpointId: [bare.endpointId], tenantId: [tenantId] },
    own: {
      endpointId: [foreigner.endpointId],
      unitId: UNITS.slice(0, 1),
      method: [METHOD],
      name: [await aConnector(stranger())],
      version: [VERSION],
      runId: [ownRun.runId],
    },
    usedKey,
  };
}

async function describe(
  api: ApiClient,
  endpoints: readonly Endpoint[],
  runs: readonly Run[],
): Promise<Ids> {
  const endpointId = endpoints.map((endpoint) => endpoint.endpointId);
  const current = await Promise.all(
    endpointId.map((id) => api.call(GetEndpoint, { path: { endpointId: id } })),
  );
  const datasets = await Promise.all(
    endpointId.map((id) => api.all(ListDatasets, { path: { endpointId: id } })),
  );
  const artifacts = await Promise.all(
    runs.map(({ runId }) => api.all(ListRunArtifacts, { path: { runId } })),
  );
  const probes = await Promise.all(endpointId.slice(0, 2).map((id) => aFinishedProbe(api, id)));
  const nodes = await Promise.all(
    endpointId.map((id) => api.call(ListKbNodes, { query: { scope: id, limit: 10 } })),
  );
  const sinks = await api.call(ListSinks, { query: { limit: 10 } });

  return {
    endpointId,
    unitId: UNITS,
    datasetId: datasets.flat().map((dataset) => dataset.datasetId),
    sinkId: sinks.items.map((sink) => sink.sinkId),
    runId: runs.map((run) => run.runId),
    artifactId: artifacts.flat().map((artifact) => artifact.artifactId),
    collectionId: current.flatMap(
      (endpoint) => endpoint.collectionId ?? [],
    ) satisfies Collection["collectionId"][],
    probeId: probes.map((probe) => probe.probeId),
    method: [METHOD],
    name: [await aConnector(api)],
    version: [VERSION],
    callId: [await aCall(endpointId[0] ?? "")],
    transformName: [await aTransform()],
    logicalId: nodes.flatMap(({ items }) => items).map((node) => node.logicalId),
    tenantId: ["demo"],
  };
}

const METHOD = "listProjects";
const VERSION = "1.0.0";

/** A connector of the tenant's own. */
async function aConnector(api: ApiClient): Promise<string> {
  const name = `own_${Math.random().toString(36).slice(2, 10)}z`;
  const method = { name: "list", title: "List", verb: "GET" as const, path: "/things" };
  const baseUrl = "https://desk.example.com";
  await api.call(RegisterConnector, {
    body: { name, version: VERSION, baseUrl, methods: [method] },
  });
  return name;
}

async function aTransform(): Promise<string> {
  const transformName = aName("theirs");
  await admin().call(PutTransform, { path: { transformName }, body: { expression: "key" } });
  return transformName;
}

/** A call that goes on by itself. */
async function aCall(endpointId: string): Promise<string> {
  const { body } = await admin().ask(CallMethod, {
    path: { endpointId, method: METHOD },
    body: { params: {} },
    respondAsync: true,
  });
  return "callId" in body ? body.callId : fail();
}

/** Finished, since a probe under way goes on to write in the audit of its endpoint. */
async function aFinishedProbe(api: ApiClient, endpointId: string): Promise<Probe> {
  const { probeId } = await api.call(TestEndpoint, { path: { endpointId } });
  return until(`probe ${probeId}`, 120, async () => {
    const probe = await api.call(GetProbe, { path: { probeId } });
    return probe.finishedAt !== null && probe;
  });
}

function fail(): never {
  throw new Error("No endpoint was made.");
}
