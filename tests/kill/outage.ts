/**
 * Temporal stopped across several ticks of a unit and started again: which ticks were run, made up,
 * skipped and lost is reckoned from the schedule's parameters, and compared with the runs that
 * there are.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import { matchingTimes } from "../../adapters/temporal/overlapped-ticks.ts";
import { scheduleId } from "../../adapters/temporal/workflow-ids.ts";
import { planSchedule } from "../../core/schedule-plan.ts";
import { readStack } from "../../local/stack-file.ts";
import type { Run } from "../../schemas/run.ts";
import { aCollectedEndpoint, aName } from "../stage/stack/endpoint.ts";
import type { Site } from "../stage/stack/site.ts";
import { until } from "../stage/stack/until.ts";
import { holdDown } from "./attack.ts";
import type { Outcome } from "./outcome.ts";
import { describeSchedule, runOf, schedule, scheduledRuns, UNIT } from "./ticks.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const TICKS_MISSED_AT_LEAST = 3;
/**
 * From letting the supervisor go on until the schedules are looked at again, at most; so near to a
 * tick nothing is told.
 */
const START_SECONDS = 12;
/** A run of a few projects takes less, on a busy machine, too. */
const RUN_SECONDS = 25;

type Fate = "RAN" | "SKIPPED" | "LOST";

export async function stopAcrossTicks(site: Site): Promise<Outcome> {
  await site.control("faults", { latencyMs: 0 });
  const endpoint = await aCollectedEndpoint(site, aName("outage"));
  const config = await schedule(endpoint);
  const client = new Client({
    connection: await Connection.connect({ address: readStack().temporalAddress }),
  });
  const id = scheduleId("demo", endpoint.endpointId, UNIT);
  const { madeAt: made } = await describeSchedule(client, id);
  const ticks = await matchingTimes(client, id, made, new Date(made.getTime() + 20 * MINUTE_MS));
  await client.connection.close();
  const plan = planSchedule(config, endpoint);
  if (!plan) throw new Error("The unit has no schedule.");

  const { stopAt, startAt, last } = chooseOutage(ticks, Date.now(), plan.catchupWindowMs);
  await pause(stopAt - Date.now());
  await holdDown("temporal", () => pause(startAt - Date.now()));
  const expected = ticks
    .filter((tick) => tick <= last)
    .map(
      (tick) =>
        [
          runOf(endpoint, tick),
          fateOf(tick, { ticks, stopAt, startAt }, plan.catchupWindowMs),
        ] as const,
    );
  await until(
    "the run of the tick after",
    (last.getTime() - Date.now()) / SECOND_MS + 2 * RUN_SECONDS,
    async () => {
      const runs = await scheduledRuns(endpoint);
      return runs.some(
        ({ runId, finishedAt }) => runId === runOf(endpoint, last) && finishedAt !== null,
      );
    },
  );
  return outcome(expected, await scheduledRuns(endpoint));
}

interface Outage {
  readonly stopAt: number;
  readonly startAt: number;
  /** The first tick after it. */
  readonly last: Date;
}

/**
 * When to stop Temporal and when to start it, so that no tick is so near to a limit that a second
 * would decide its fate: the first outage with the most ticks to make up.
 */
function chooseOutage(ticks: readonly Date[], nowMs: number, catchupMs: number): Outage {
  const far = (at: number, before: number, after: number) =>
    ticks.every(
      (tick) => tick.getTime() < at - before * SECOND_MS || tick.getTime() > at + after * SECOND_MS,
    );
  const between = (from: number, to: number) =>
    ticks.filter((tick) => tick.getTime() > from && tick.getTime() < to).length;

  const found: (Outage & { readonly madeUp: number })[] = [];
  const first = ticks.find((tick) => tick.getTime() > nowMs)?.getTime() ?? 0;
  for (
    let stopAt = first + RUN_SECONDS * SECOND_MS;
    stopAt < first + 5 * MINUTE_MS;
    stopAt += SECOND_MS
  ) {
    if (!far(stopAt, RUN_SECONDS, 3)) continue;
    for (let startAt = stopAt + MINUTE_MS; startAt < stopAt + 8 * MINUTE_MS; startAt += SECOND_MS) {
      const clear =
        far(startAt, 3, START_SECONDS + RUN_SECONDS) && far(startAt - catchupMs, 3, START_SECONDS);
      const last = ticks.find((tick) => tick.getTime() > startAt);
      if (!last || !clear || between(stopAt, startAt) < TICKS_MISSED_AT_LEAST) continue;
      found.push({ stopAt, startAt, last, madeUp: between(startAt - catchupMs, startAt) });
    }
  }

  const [chosen] = found.toSorted((a, b) => b.madeUp - a.madeUp || a.startAt - b.startAt);
  if (chosen) return chosen;
  throw new Error(
    "No moment for the outage is clear of ticks. " +
      "Start the scenario again: each endpoint has its own ticks.",
  );
}

/**
 * Missed ticks are made up within the catch-up window; of these the first one runs, and the others
 * meet it.
 */
function fateOf(
  tick: Date,
  { ticks, stopAt, startAt }: { ticks: readonly Date[]; stopAt: number; startAt: number },
  catchupMs: number,
): Fate {
  const at = tick.getTime();
  if (at < stopAt || at > startAt) return "RAN";
  const oldest = startAt + START_SECONDS * SECOND_MS - catchupMs;
  if (at < oldest) return "LOST";
  return tick === ticks.find((one) => one.getTime() >= oldest) ? "RAN" : "SKIPPED";
}

function outcome(expected: readonly (readonly [string, Fate])[], runs: readonly Run[]): Outcome {
  const byId = new Map(runs.map((run) => [run.runId, run]));
  const faults: string[] = [];
  for (const [nth, [runId, fate]] of expected.entries()) {
    const status = byId.get(runId)?.status;
    const found = status === undefined ? "LOST" : status === "SKIPPED" ? "SKIPPED" : "RAN";
    if (found !== fate) faults.push(`tick ${nth + 1} of ${expected.length}: ${found}, not ${fate}`);
    if (found === "RAN" && status !== "COMPLETE") faults.push(`tick ${nth + 1} ended ${status}`);
  }

  const wanted = new Set(expected.map(([runId]) => runId));
  for (const { runId } of runs) if (!wanted.has(runId)) faults.push(`${runId} belongs to no tick`);
  const ran = runs.filter(({ status }) => status !== "SKIPPED").sort((a, b) => order(a) - order(b));
  for (const [nth, run] of ran.entries()) {
    const before = ran[nth - 1];
    if (before && (before.finishedAt ?? "") > (run.startedAt ?? ""))
      faults.push(`${run.runId} ran beside another`);
  }

  const fates = expected.map(([, fate]) => fate);
  const count = (fate: Fate) => fates.filter((one) => one === fate).length;
  const status = `${count("RAN")}+${count("SKIPPED")}+${count("LOST")}`;
  return {
    status,
    rows: ran.reduce((sum, run) => sum + run.stats.landed, 0),
    commits: ran.length,
    staged: 0,
    faults,
  };
}

const order = ({ startedAt }: Run) => Date.parse(startedAt ?? "");
