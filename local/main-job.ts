/**
 * The main job over the public API, as any client would run it: a sink, an endpoint with
 * credentials, its catalogue, its five units enabled, one run of each. Safe to repeat: what exists
 * is kept, and a second job lands what changed.
 */
import type { Collection } from "../schemas/collection.ts";
import type { Endpoint } from "../schemas/endpoint.ts";
import { FINAL_STATUS, type Run } from "../schemas/run.ts";
import type { Sink } from "../schemas/sink.ts";
import type { Unit } from "../schemas/unit.ts";
import { type ApiClient, ApiError } from "./api-client.ts";

export interface MainJobInput {
  readonly endpointName: string;
  readonly connector: string;
  readonly config: Record<string, unknown>;
  readonly credentials: { authType: string; secret: Record<string, string> };
  /** Told about every change worth showing. */
  readonly onProgress?: (view: MainJobView) => void;
}

export interface MainJobView {
  readonly stage: "collecting" | "running" | "done";
  readonly runs: readonly Run[];
}

const POLL_MILLIS = 500;
const COLLECT_WITHIN_MILLIS = 180_000;

/**
 * Runs every ingestable unit of the endpoint once and returns the finished runs in the order of the
 * units.
 */
export async function runMainJob(api: ApiClient, input: MainJobInput): Promise<Run[]> {
  const sink = await ensureSink(api);
  const endpoint = await registerEndpoint(api, input);
  input.onProgress?.({ stage: "collecting", runs: [] });
  await collect(api, endpoint.endpointId);
  const units = await listUnits(api, endpoint.endpointId);
  for (const unit of units) await enableUnit(api, unit, sink.sinkId);
  const started = await Promise.all(units.map((unit) => startRun(api, unit)));
  const runs = await waitForRuns(api, started, (now) =>
    input.onProgress?.({ stage: "running", runs: now }),
  );
  input.onProgress?.({ stage: "done", runs });
  return runs;
}

/** The tenant's default sink, which it has from birth. */
export async function ensureSink(api: ApiClient): Promise<Sink> {
  const { items } = await api.call<{ items: Sink[] }>("GET", "/sinks?limit=100");
  const found = items.find(({ isDefault }) => isDefault);
  if (!found)
    throw new Error(
      "The tenant has no default sink: the registry knows no lake. Publish the manifest.",
    );
  return found;
}

export async function registerEndpoint(api: ApiClient, input: MainJobInput): Promise<Endpoint> {
  const { endpointName: name, connector, config, credentials } = input;
  return api.call<Endpoint>("POST", "/endpoints", {
    name,
    connector,
    config,
    credentials,
    enabled: true,
  });
}

export async function collect(api: ApiClient, endpointId: string): Promise<Collection> {
  let collection = await api.call<Collection>("POST", `/endpoints/${endpointId}/collect`);
  const path = `/endpoints/${endpointId}/collections/${collection.collectionId}`;
  const until = Date.now() + COLLECT_WITHIN_MILLIS;
  while (collection.status === "QUEUED" || collection.status === "RUNNING") {
    if (Date.now() > until)
      throw new Error(`The catalogue is still ${collection.status}. Look at the workers' logs.`);
    await pause();
    collection = await api.call<Collection>("GET", path);
  }
  if (collection.status === "FAILED") {
    throw new Error(
      `The catalogue could not be collected: ${collection.error?.code} ${collection.error?.message}`,
    );
  }
  return collection;
}

export async function listUnits(api: ApiClient, endpointId: string): Promise<Unit[]> {
  return (await api.call<{ items: Unit[] }>("GET", `/endpoints/${endpointId}/units?limit=100`))
    .items;
}

async function enableUnit(api: ApiClient, unit: Unit, sinkId: string): Promise<void> {
  const path = `/endpoints/${unit.endpointId}/units/${unit.unitId}/config`;
  const found = await api.send("GET", path);
  if (found.status === 200 && (JSON.parse(found.text) as { enabled: boolean }).enabled) return;
  const ifMatch: Record<string, string> =
    found.status === 200 ? { "if-match": found.headers.get("etag") ?? "" } : {};
  await api.call("PUT", path, { enabled: true, sinkId, scheduleKind: "MANUAL" }, ifMatch);
}

/** Starts a run, or joins the one that is active. */
export async function startRun(
  api: ApiClient,
  unit: { endpointId: string; unitId: string },
): Promise<Run> {
  try {
    return await api.call<Run>("POST", "/runs", {
      endpointId: unit.endpointId,
      unitId: unit.unitId,
    });
  } catch (error) {
    const active =
      error instanceof ApiError &&
      error.problem.code === "RUN_ACTIVE" &&
      error.problem.details?.runId;
    if (!active) throw error;
    return api.call<Run>("GET", `/runs/${active}`);
  }
}

/** Polls until every run has ended. */
export async function waitForRuns(
  api: ApiClient,
  started: readonly Run[],
  onChange: (runs: readonly Run[]) => void = () => {},
): Promise<Run[]> {
  let runs = [...started];
  while (!runs.every(isFinal)) {
    await pause();
    runs = await Promise.all(
      runs.map((run) => (isFinal(run) ? run : api.call<Run>("GET", `/runs/${run.runId}`))),
    );
    onChange(runs);
  }
  return runs;
}

function isFinal(run: Run): boolean {
  return (FINAL_STATUS as readonly string[]).includes(run.status);
}

function pause(): Promise<void> {
  return new Promise((wake) => setTimeout(wake, POLL_MILLIS));
}
