/**
 * `npm run test:replay -- --server S --data D [--only VARIANT]`: the main job on the whole local stack against a recorded
 * site, once per variant. Every unit must land exactly what the site's truth lists; after 50 changes the next run lands
 * those 50. Prints a line per check and ends with `N passed, N failed`.
 */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { apiClient } from "../../local/api-client.ts";
import { bootstrap, toolEnvironment } from "../../local/bootstrap.mjs";
import { ensureSink, type MainJobInput, runMainJob, startRun, waitForRuns } from "../../local/main-job.ts";
import { readJson } from "../../local/processes.ts";
import type { Stack } from "../../local/stack-file.ts";
import type { Run } from "../../schemas/run.ts";
import { type Comparison, compareLake, isExact } from "./lake.ts";
import { REPLAY_ACCOUNT, type ReplaySite, startReplay } from "./replay-site.ts";
import { VARIANTS, type Variant } from "./variants.ts";

const TOUCHED = 50;
const { values } = parseArgs({
  options: { server: { type: "string" }, data: { type: "string" }, only: { type: "string" }, port: { type: "string" } },
});
if (!values.server || !values.data) {
  console.error("Say where the replay server and its data are: npm run test:replay -- --server PATH --data PATH");
  process.exit(2);
}
const server = resolve(values.server);
const data = resolve(values.data);
const tally = { passed: 0, failed: 0 };
await bootstrap();

const stateDir = join(import.meta.dirname, "../../.local/replay");
const env = toolEnvironment({ INLET_STATE_DIR: stateDir, INLET_PORT_BASE: values.port ?? "24566" });
const npm = (...args: string[]) => spawnSync("npm", ["run", "--silent", ...args], { env, stdio: "inherit" });
try {
  if (npm("start", "--", "--fresh", "--no-job").status !== 0) throw new Error("The local stack did not start.");
  const stack = readJson<Stack>(join(stateDir, "stack.json")) as Stack;
  await ensureSink(apiClient(stack.apiUrl, stack.token));
  for (const variant of VARIANTS.filter(({ name }) => values.only === undefined || values.only === name)) {
    await tryVariant(stack, variant);
  }
} finally {
  npm("stop");
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed ? 1 : 0;

async function tryVariant(stack: Stack, variant: Variant): Promise<void> {
  console.log(`\n${variant.name} ${variant.flags.join(" ")}`);
  const site = await startReplay(server, data, variant.flags);
  try {
    const namespace = `jira_${variant.name}`;
    const runs = await runMainJob(apiClient(stack.apiUrl, stack.token), jobOf(namespace, site));
    for (const run of runs) check(run.status === "COMPLETE", `${run.unitId} ends COMPLETE`, describeRun(run));
    const full = await site.requests();
    compare(stack, namespace, site);
    await changeAndRun(stack, variant, site, runs, full);
    compare(stack, namespace, site, ["issues", "comments"]);
  } finally {
    site.stop();
  }
}

async function changeAndRun(
  stack: Stack,
  variant: Variant,
  site: ReplaySite,
  runs: readonly Run[],
  fullRequests: number,
): Promise<void> {
  await site.control("touch", { count: TOUCHED });
  await pause(variant.lagSeconds * 1000);
  const api = apiClient(stack.apiUrl, stack.token);
  const before = await site.requests();
  const issues = runs.filter((run) => run.unitId === "jira.issues");
  const [again] = await waitForRuns(api, await Promise.all(issues.map((run) => startRun(api, run))));
  const requests = (await site.requests()) - before;
  check(
    again?.status === "COMPLETE" && again.stats.landed === TOUCHED,
    `lands the ${TOUCHED} changed issues`,
    describeRun(again),
  );
  check(
    requests * 5 < fullRequests,
    "asks in proportion to the change",
    `${requests} requests, the first job ${fullRequests}`,
  );
  const comments = runs.filter((run) => run.unitId === "jira.comments");
  await waitForRuns(api, await Promise.all(comments.map((run) => startRun(api, run))));
}

function compare(stack: Stack, namespace: string, site: ReplaySite, units?: string[]): void {
  for (const found of compareLake(stack.lake, namespace, site.url, units)) {
    check(isExact(found), `${found.unit} are exactly the site's`, describeComparison(found));
  }
}

function jobOf(endpointName: string, site: ReplaySite): MainJobInput {
  const credentials = { authType: "basic", secret: REPLAY_ACCOUNT };
  return { endpointName, connector: "jira", config: { baseUrl: site.url }, credentials };
}

function check(holds: boolean, what: string, figures: string): void {
  tally[holds ? "passed" : "failed"] += 1;
  console.log(`  ${holds ? "ok  " : "FAIL"} ${what}: ${figures}`);
}

function describeRun(run: Run | undefined): string {
  if (!run) return "no run";
  const { read, landed, deduplicated, quarantined, requests } = run.stats;
  const why = run.error
    ? ` ${run.error.code}: ${run.error.message}`
    : run.evidence.map((e) => ` ${e.message}`).join("");
  return `${run.status}, read ${read}, landed ${landed}, deduplicated ${deduplicated}, quarantined ${quarantined}, requests ${requests}${why}`;
}

function describeComparison({ examples, unit: _, ...figures }: Comparison): string {
  const text = Object.entries(figures).map(([name, n]) => `${name} ${n}`);
  return [...text, ...(examples.length > 0 ? [`e.g. ${examples.join(", ")}`] : [])].join(", ");
}
