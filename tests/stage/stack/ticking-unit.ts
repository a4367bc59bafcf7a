/**
 * A unit that the clock starts every minute. It is set up before the first test file, because two
 * ticks take two minutes, and looked at in `unit-on-interval.test.ts`, the last one.
 */

import { collect } from "../../../local/main-job.ts";
import { readSpecs } from "../../../local/processes.ts";
import { PutUnitConfig } from "../../../schemas/operations/units.ts";
import { anEndpoint } from "./endpoint.ts";
import { admin } from "./people.ts";

/** The guides name runs by their unit alone (`jira.projects`): never by this one. */
export const TICKING = { name: "ticking", unitId: "jira.worklogs" } as const;

export async function startTicking(): Promise<void> {
  const { endpointId } = await anEndpoint(stackSite(), TICKING.name);
  await collect(admin(), endpointId);
  await admin().call(PutUnitConfig, {
    path: { endpointId, unitId: TICKING.unitId },
    body: { enabled: true, scheduleKind: "INTERVAL", scheduleIntervalMinutes: 1 },
  });
}

/** The site that the stack itself runs: it outlives every test file. */
function stackSite(): { url: string; email: string; token: string } {
  const args = readSpecs().find(({ name }) => name === "sandbox")?.args ?? [];
  const port = args[args.indexOf("--port") + 1];
  return { url: `http://127.0.0.1:${port}`, email: "sandbox@example.com", token: "sandbox-token" };
}
