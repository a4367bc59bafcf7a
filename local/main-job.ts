/**
 * The main job over the public API, as any client would run it: a sink, an endpoint with
 * credentials, its catalogue, its five units enabled, one run of each. Safe to repeat: what exists
 * is kept, and a second job lands what changed.
 */
import type { ApiClient } from "../client/api-client.ts";
import { RefusedError } from "../client/errors.ts";
import { follow } from "../client/follow.ts";
import type { Collection } from "../schemas/collection.ts";
import type { Endpoint } from "../schemas/endpoint.ts";
import { CollectEndpoint, GetCollection, PostEndpoint } from "../schemas/operations/endpoints.ts";
import { GetRun, StartRun } from "../schemas/operations/runs.ts";
import { ListSinks } from "../schemas/operations/sinks.ts";
import { GetUnitConfig, ListUnits, PutUnitConfig } from "../schemas/operations/units.ts";
import type { Run } from "../schemas/run.ts";
import type { ShownSink } from "../schemas/sink.ts";
import type { Unit } from "../schemas/unit.ts";

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
/** Every poll of the local API must be answered. */
const POLLING = { slowestMillis: POLL_MILLIS, failuresBorne: 0 };
const WHOLE = { query: { limit: 100 } };

export interface UnitPath {
  readonly endpointId: string;
  readonly unitId: string;
}

/**
 * Runs every ingestable unit of the endpoint once and returns the finished runs in the order of the
 * units.
 */
export async function runMainJob(api: ApiClient, input: MainJobInput): Promise<Run[]> {
  const sink = await ensureSink(api);
  const endpoint = await registerEndpoint(api, input);
  input.onProgress?.({ stage: "collecting", runs: [] });
  await collect(api, endpoint.endpointId);
  // A plan of the connector's own is chosen on purpose: it may cost a request for each record.
  const units = (await listUnits(api, endpoint.endpointId)).filter(
    ({ defaultMode }) => defaultMode !== "CUSTOM",
  );
  for (const unit of units) await enableUnit(api, unit, sink.sinkId);
  const started = await Promise.all(units.map((unit) => startRun(api, unit)));
  const runs = await waitForRuns(api, started, (now) =>
    input.onProgress?.({ stage: "running", runs: now }),
  );
  input.onProgress?.({ stage: "done", runs });
  return runs;
}

/** The tenant's default sink, which it is created with. */
export async function ensureSink(api: ApiClient): Promise<ShownSink> {
  const { items } = await api.call(ListSinks, WHOLE);
  const found = items.find(({ isDefault }) => isDefault);
  if (!found)
    throw new Error(
      "The tenant has no default sink: the registry knows no lake. Publish the manifest.",
    );
  return found;
}

export function registerEndpoint(api: ApiClient, input: MainJobInput): Promise<Endpoint> {
  const { endpointName: name, connector, config, credentials } = input;
  return api.call(PostEndpoint, {
    body: { name, connector, config, credentials, enabled: true },
  });
}

export async function collect(api: ApiClient, endpointId: string): Promise<Collection> {
  let collection = await api.call(CollectEndpoint, { path: { endpointId } });
  const { collectionId } = collection;
  const until = Date.now() + COLLECT_WITHIN_MILLIS;

  while (collection.status === "QUEUED" || collection.status === "RUNNING") {
    if (Date.now() > until)
      throw new Error(`The catalogue is still ${collection.status}. Look at the workers' logs.`);
    await pause();
    collection = await api.call(GetCollection, { path: { endpointId, collectionId } });
  }

  if (collection.status === "FAILED") {
    const { code, message } = collection.error ?? {};
    throw new Error(`The catalogue could not be collected: ${code} ${message}`);
  }

  return collection;
}

async function listUnits(api: ApiClient, endpointId: string): Promise<Unit[]> {
  return (await api.call(ListUnits, { path: { endpointId }, ...WHOLE })).items;
}

async function enableUnit(api: ApiClient, unit: Unit, sinkId: string): Promise<void> {
  const path = { endpointId: unit.endpointId, unitId: unit.unitId };
  const stored = await storedConfig(api, path);
  if (stored?.body.enabled) return;
  const ifMatch = stored?.headers.get("etag") ?? undefined;
  await api.call(PutUnitConfig, {
    path,
    body: { enabled: true, sinkId, scheduleKind: "MANUAL" },
    ifMatch,
  });
}

/** The unit's config with its ETag; undefined while it has none. */
export async function storedConfig(api: ApiClient, path: UnitPath) {
  try {
    return await api.ask(GetUnitConfig, { path });
  } catch (error) {
    if (error instanceof RefusedError && error.problem.status === 404) return undefined;
    throw error;
  }
}

/** Starts a run, or joins the one that is active. */
export async function startRun(api: ApiClient, { endpointId, unitId }: UnitPath): Promise<Run> {
  try {
    return await api.call(StartRun, { body: { endpointId, unitId } });
  } catch (error) {
    const { code, details } = error instanceof RefusedError ? error.problem : {};
    if (code !== "RUN_ACTIVE" || !details?.runId) throw error;
    return api.call(GetRun, { path: { runId: String(details.runId) } });
  }
}

/** Polls until every run has ended. */
export async function waitForRuns(
  api: ApiClient,
  started: readonly Run[],
  onChange: (runs: readonly Run[]) => void = () => {},
): Promise<Run[]> {
  const runs = [...started];
  const follows = started.map(async (run, at) => {
    const onRun = ({ item }: { readonly item: Run }) => {
      runs[at] = item;
      onChange([...runs]);
    };
    await follow(api, { kind: "run", item: run }, { ...POLLING, onChange: onRun });
  });

  await Promise.all(follows);
  return runs;
}

function pause(): Promise<void> {
  return new Promise((wake) => setTimeout(wake, POLL_MILLIS));
}
