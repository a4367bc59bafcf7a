/** Endpoints on a test's own sites, and their runs. */
import { randomBytes } from "node:crypto";
import type { ApiClient } from "../../../client/api-client.ts";
import {
  collect,
  ensureSink,
  type MainJobInput,
  registerEndpoint,
  startRun,
  waitForRuns,
} from "../../../local/main-job.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { GetRun } from "../../../schemas/operations/runs.ts";
import type { Run } from "../../../schemas/run.ts";
import { admin } from "./people.ts";
import type { Site } from "./site.ts";

/** A name that no other test has; its slug is the same text. */
export const aName = (of: string) => `${of}_${randomBytes(4).toString("hex")}`;

export function jobOn(
  site: Pick<Site, "url" | "email" | "token">,
  endpointName: string,
): MainJobInput {
  const secret = { email: site.email, apiToken: site.token };
  return {
    endpointName,
    connector: "jira",
    config: { baseUrl: site.url },
    credentials: { authType: "basic", secret },
  };
}

/** Registered with a default sink to land in, but not collected. */
export async function anEndpoint(
  site: Pick<Site, "url" | "email" | "token">,
  name: string,
  api: ApiClient = admin(),
): Promise<Endpoint> {
  await ensureSink(api);
  return registerEndpoint(api, jobOn(site, name));
}

/**
 * Registered with credentials that the site will refuse: it answers nonsense meanwhile, so that it
 * cannot be asked.
 */
export async function aMistakenEndpoint(
  site: Site,
  name: string,
  token: string,
): Promise<Endpoint> {
  await site.control("faults", { mode: "html" });
  const endpoint = await anEndpoint({ url: site.url, email: site.email, token }, name);
  await site.control("faults", { mode: null });
  return endpoint;
}

/** Registered, and its catalogue collected. */
export async function aCollectedEndpoint(
  site: Site,
  name: string,
  api: ApiClient = admin(),
): Promise<Endpoint> {
  const endpoint = await anEndpoint(site, name, api);
  await collect(api, endpoint.endpointId);
  return endpoint;
}

/** Starts a run of the unit and waits for its end. */
export async function runUnit(
  { endpointId }: Endpoint,
  unitId: string,
  api: ApiClient = admin(),
): Promise<Run> {
  const [run] = await waitForRuns(api, [await startRun(api, { endpointId, unitId })]);
  if (!run) throw new Error(`The run of ${unitId} is gone.`);
  return run;
}

export function getRun(runId: string, api: ApiClient = admin()): Promise<Run> {
  return api.call(GetRun, { path: { runId } });
}
