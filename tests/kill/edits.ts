/**
 * A unit whose config somebody edits every 8 s for three minutes, on an interval of one minute:
 * every tick that Temporal reckons for that time has its run, and the schedule is the same one.
 * Most edits find the note overwritten by hand, so that they write the schedule; the others change
 * nothing of it.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import { matchingTimes } from "../../adapters/temporal/overlapped-ticks.ts";
import { scheduleId } from "../../adapters/temporal/workflow-ids.ts";
import { readStack } from "../../local/stack-file.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { GetUnitConfig, PutUnitConfig } from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import { aCollectedEndpoint, aName } from "../stage/stack/endpoint.ts";
import { admin } from "../stage/stack/people.ts";
import type { Site } from "../stage/stack/site.ts";
import { until } from "../stage/stack/until.ts";
import type { Outcome } from "./outcome.ts";
import { describeSchedule, runOf, schedule, scheduledRuns, UNIT } from "./ticks.ts";

const EDIT_EVERY_MS = 8_000;
const EDITED_MS = 180_000;
const RUN_SECONDS = 60;
/** Temporal drops a tick that is due when an update arrives: so near to one nothing is told. */
const NEAR_MS = 3_000;
const BY_HAND = "Looked at by hand.";

export async function editAcrossTicks(site: Site): Promise<Outcome> {
  await site.control("faults", { latencyMs: 0 });
  const endpoint = await aCollectedEndpoint(site, aName("edited"));
  await schedule(endpoint);
  const id = scheduleId("demo", endpoint.endpointId, UNIT);
  const client = new Client({
    connection: await Connection.connect({ address: readStack().temporalAddress }),
  });

  const before = await describeSchedule(client, id);
  const from = new Date();
  const to = new Date(from.getTime() + EDITED_MS);
  const ticks = await matchingTimes(client, id, from, to);
  const edits = await editUntil(to, endpoint, { client, id, ticks });
  const runs = await until("the runs of the ticks", RUN_SECONDS, async () => {
    const found = await scheduledRuns(endpoint);
    const done = new Set(found.filter((run) => run.finishedAt !== null).map((run) => run.runId));
    return ticks.every((tick) => done.has(runOf(endpoint, tick))) && found;
  }).catch(() => scheduledRuns(endpoint));
  const after = await describeSchedule(client, id);
  await client.connection.close();

  const faults = faultsOf(endpoint, ticks, runs);
  const ran = ticks.length - faults.length;
  if (after.madeAt.getTime() !== before.madeAt.getTime()) faults.push("the schedule was made anew");
  if (after.note === BY_HAND) faults.push("the note was not written again");
  if (ticks.length < 2) faults.push("hardly a tick was due");
  if (edits.written === 0) faults.push("no edit wrote the schedule");
  console.log(
    `  ${edits.made} edits, ${edits.written} of them wrote the schedule; ` +
      `ticks at ${ticks.map((tick) => tick.toISOString().slice(11, 19)).join(", ")}`,
  );
  return {
    status: `${ran} of ${ticks.length}`,
    rows: runs.reduce((sum, run) => sum + run.stats.landed, 0),
    commits: runs.length,
    staged: 0,
    faults,
  };
}

interface Watched {
  readonly client: Client;
  readonly id: string;
  readonly ticks: readonly Date[];
}

async function editUntil(to: Date, { endpointId }: Endpoint, { client, id, ticks }: Watched) {
  const path = { endpointId, unitId: UNIT };
  const edits = { made: 0, written: 0 };
  for (let at = Date.now(); at < to.getTime(); at += EDIT_EVERY_MS) {
    await pause(at - Date.now());
    const isNear = ticks.some((tick) => Math.abs(tick.getTime() - Date.now()) < NEAR_MS);
    if (!isNear) await overwriteNote(client, id);

    const config = await admin().call(GetUnitConfig, { path });
    const { version, sinkId, scheduleKind, scheduleIntervalMinutes } = config;
    const policy = { deletes: edits.made % 2 === 0 ? "ignore" : "soft" };
    const body = { enabled: true, sinkId, scheduleKind, scheduleIntervalMinutes, policy };
    await admin().call(PutUnitConfig, { path, body, ifMatch: String(version) });
    edits.made += 1;
    if (isNear) continue;

    await until("the edit to write the note again", 60, async () => {
      const { note } = await describeSchedule(client, id);
      return note !== BY_HAND;
    });
    edits.written += 1;
  }
  return edits;
}

/** As an unpause by hand does, of a schedule that is not paused. */
async function overwriteNote(client: Client, scheduleId: string): Promise<void> {
  const { namespace } = client.options;
  await client.workflowService.patchSchedule({
    namespace,
    scheduleId,
    patch: { unpause: BY_HAND },
  });
}

function faultsOf(endpoint: Endpoint, ticks: readonly Date[], runs: readonly Run[]): string[] {
  const statuses = new Map(runs.map(({ runId, status }) => [runId, status]));
  return ticks
    .map((tick) => [tick, statuses.get(runOf(endpoint, tick)) ?? "LOST"] as const)
    .filter(([, status]) => status !== "COMPLETE")
    .map(([tick, status]) => `the tick at ${tick.toISOString().slice(11, 19)}: ${status}`);
}
