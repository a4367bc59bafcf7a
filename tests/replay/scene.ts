/** An endpoint of its own on an odd gateway before the recorded site, and what its runs say. */
import type { ApiClient } from "../../client/api-client.ts";
import {
  collect,
  ensureSink,
  registerEndpoint,
  startRun,
  storedConfig,
  waitForRuns,
} from "../../local/main-job.ts";
import { stackApi } from "../../local/stack-api.ts";
import type { Stack } from "../../local/stack-file.ts";
import type { Collection } from "../../schemas/collection.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { PutUnitConfig } from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import type { UnitConfigInput } from "../../schemas/unit-config.ts";
import { type OddGateway, startOddGateway } from "./odd-gateway.ts";
import { REPLAY_ACCOUNT, type ReplaySite } from "./replay-site.ts";

/** Every comparison is made by every run. */
export const ALWAYS_COMPARED = { censusEveryHours: 0 };

export interface Scene {
  readonly api: ApiClient;
  readonly stack: Stack;
  readonly site: ReplaySite;
  readonly gateway: OddGateway;
  readonly endpoint: Endpoint;
  /** What runs and collections said so far, each code once. */
  readonly said: Map<string, string>;
}

/** On the recording as it was, with a gateway of its own; `prepare` makes it odd beforehand. */
export async function withScene(
  stack: Stack,
  site: ReplaySite,
  name: string,
  act: (scene: Scene) => Promise<void>,
  { config = {}, prepare }: SceneOptions = {},
): Promise<ReadonlyMap<string, string>> {
  await site.control("reset", {});
  const gateway = await startOddGateway(site.url);
  try {
    prepare?.(gateway);
    const api = stackApi(stack.apiUrl, stack.token);
    const endpoint = await registerEndpoint(api, {
      endpointName: name,
      connector: "jira",
      config: { baseUrl: gateway.url, ...config },
      credentials: { authType: "basic", secret: REPLAY_ACCOUNT },
    });
    const scene = { api, stack, site, gateway, endpoint, said: new Map<string, string>() };
    await collected(scene);
    await act(scene);
    return scene.said;
  } finally {
    await gateway.stop();
  }
}

export interface SceneOptions {
  readonly config?: Record<string, unknown>;
  readonly prepare?: (gateway: OddGateway) => void;
}

export function collected({ api, endpoint }: Scene): Promise<Collection> {
  return collect(api, endpoint.endpointId);
}

export const pathOf = ({ endpoint }: Scene, unit: string) => ({
  endpointId: endpoint.endpointId,
  unitId: `jira.${unit}`,
});

/** What is left out keeps its value; the policy is replaced. */
export async function configure(
  scene: Scene,
  unit: string,
  changes: UnitConfigInput,
): Promise<void> {
  const path = pathOf(scene, unit);
  const stored = await storedConfig(scene.api, path);
  const sinkId = stored?.body.sinkId ?? (await ensureSink(scene.api)).sinkId;
  await scene.api.call(PutUnitConfig, {
    path,
    body: { enabled: true, sinkId, scheduleKind: "MANUAL", ...changes },
    ifMatch: stored?.headers.get("etag") ?? undefined,
  });
}

/** One run of a unit, to its end. */
export async function run(scene: Scene, unit: string): Promise<Run> {
  return ended(scene, await startRun(scene.api, pathOf(scene, unit)));
}

export async function ended(scene: Scene, started: Run): Promise<Run> {
  const [done] = await waitForRuns(scene.api, [started]);
  if (!done) throw new Error("The run is gone.");
  note(scene, done);
  return done;
}

export function note({ said }: Scene, { unitId, status, evidence, error }: Run): void {
  for (const { code, message } of evidence) said.set(code, `${unitId} ${status}: ${message}`);
  if (error) said.set(error.code, `${unitId} ${status}: ${error.message}`);
}

export interface Listed {
  readonly id: string;
  readonly key?: string;
}

/** What a complete copy of a unit holds; of one project with its key. */
export async function truthOf(
  site: ReplaySite,
  unit: string,
  project?: string,
): Promise<readonly Listed[]> {
  const { values } = await site.control<{ values: Listed[] }>(`truth?unit=${unit}`);
  return values.filter(({ key }) => !project || key?.startsWith(`${project}-`));
}
