/** What must hold after a run, whatever was killed in it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { readSpecs } from "../../local/processes.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import type { Run } from "../../schemas/run.ts";
import { getRun } from "../stage/stack/endpoint.ts";
import { compareWithTruth, landedTables } from "../stage/stack/lake.ts";
import type { Site } from "../stage/stack/site.ts";
import { stagedObjects } from "../stage/stack/staging.ts";
import { until } from "../stage/stack/until.ts";

const RUN_SECONDS = 600;
const run = promisify(execFile);

export interface Outcome {
  readonly status: string;
  readonly rows: number;
  readonly commits: number;
  readonly staged: number;
  /** Empty when all of it holds. */
  readonly faults: readonly string[];
}

/** What a run must have landed where it is not all there is, and the commits of the table. */
export interface Expected {
  readonly landed: number;
  readonly commits: number;
}

/**
 * Waits for the run's end, sweeps, and compares lake and staging with what one complete run leaves.
 */
export async function outcomeOf(
  started: Run,
  endpoint: Endpoint,
  site: Site,
  attackedAtMillis: number,
  expected?: Expected,
): Promise<Outcome> {
  const ended = await endOf(started);
  await sweep();
  const [issues] = await compareWithTruth(endpoint, site, ["issues"]);
  if (!issues) throw new Error("The lake was not compared.");
  const commits = (await landedTables(endpoint)).issues?.commits ?? [];
  const staged = (await stagedObjects(started.runId)).length;
  const { rows, faults } = { rows: issues.landed, faults: [] as string[] };
  const wanted = expected ?? { landed: issues.truth, commits: 1 };

  const expect = (holds: boolean, fault: string) => holds || faults.push(fault);
  expect(Date.parse(ended.finishedAt ?? "") > attackedAtMillis, "had ended before it was attacked");
  expect(ended.status === "COMPLETE", `ended ${ended.status} ${ended.error?.code ?? ""}`);
  expect(
    ended.stats.landed === wanted.landed,
    `its stats say ${ended.stats.landed} of ${wanted.landed} landed`,
  );
  for (const name of ["missing", "extra", "duplicates", "wrongSha256"] as const) {
    expect(issues[name] === 0, `${issues[name]} ${name}`);
  }
  expect(commits.length === wanted.commits, `${commits.length} commits: ${commits.join(", ")}`);
  expect(staged === 0, `${staged} objects staged after the sweep`);

  return { status: ended.status, rows, commits: commits.length, staged, faults };
}

/** The API itself may be slow while the stack recovers: an answer that fails is asked again. */
export function endOf({ runId }: Run): Promise<Run> {
  return until(`the end of ${runId}`, RUN_SECONDS, async () => {
    const run = await getRun(runId);
    return run.finishedAt !== null && run;
  });
}

/** The sweep that the worker itself does every quarter of an hour. */
async function sweep(): Promise<void> {
  const worker = readSpecs().find(({ name }) => name === "pythonWorker");
  if (!worker) throw new Error("The stack has no Python worker.");
  await run(worker.command, ["-m", "inlet_worker", "sweep"], { env: { ...worker.env } });
}
