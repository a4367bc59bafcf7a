/**
 * `npm run test:replay -- --server S --data D [--only VARIANT|deletes|evidence|moves]`: the main
 * job on the whole local stack against a recorded site, once per variant. Every unit must land
 * exactly what the site's truth lists; after 50 changes the next run lands those 50. Then what the
 * site deletes and hides, every code of evidence, and what a unit is of changing under its
 * checkpoint. Prints a line per check and ends with `N passed, N failed`.
 */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { toolEnvironment } from "../../local/bootstrap.mjs";
import {
  ensureSink,
  type MainJobInput,
  runMainJob,
  startRun,
  waitForRuns,
} from "../../local/main-job.ts";
import { readJson } from "../../local/processes.ts";
import { stackApi } from "../../local/stack-api.ts";
import type { Stack } from "../../local/stack-file.ts";
import type { Run } from "../../schemas/run.ts";
import { DELETES_FLAGS, tryDeletes } from "./deletes.ts";
import { EVIDENCE_FLAGS, tryEvidence } from "./evidence.ts";
import { compareLake, isExact } from "./lake.ts";
import { MOVES_FLAGS, tryMoves } from "./moves.ts";
import { REPLAY_ACCOUNT, type ReplaySite, startReplay } from "./replay-site.ts";
import { check, describeComparison, describeRun, tally } from "./report.ts";
import { VARIANTS, type Variant } from "./variants.ts";

const TOUCHED = 50;
const { values } = parseArgs({
  options: {
    server: { type: "string" },
    data: { type: "string" },
    only: { type: "string" },
    port: { type: "string" },
  },
});
if (!values.server || !values.data) {
  console.error(
    "Say where the replay server and its data are: " +
      "npm run test:replay -- --server PATH --data PATH",
  );
  process.exit(2);
}
const server = resolve(values.server);
const data = resolve(values.data);

const stateDir = resolve(
  process.env.INLET_STATE_DIR ?? join(import.meta.dirname, "../../.local/replay"),
);
const env = toolEnvironment({ INLET_STATE_DIR: stateDir, INLET_PORT_BASE: values.port ?? "24566" });
const npm = (...args: string[]) =>
  spawnSync("npm", ["run", "--silent", ...args], { env, stdio: "inherit" });
try {
  if (npm("start", "--", "--fresh", "--no-job").status !== 0)
    throw new Error("The local stack did not start.");
  const stack = readJson<Stack>(join(stateDir, "stack.json")) as Stack;
  await ensureSink(stackApi(stack.apiUrl, stack.token));
  const isAsked = (name: string) => values.only === undefined || values.only === name;
  for (const variant of VARIANTS.filter(({ name }) => isAsked(name))) {
    await onSite(variant.name, variant.flags, (site) => tryVariant(stack, variant, site));
  }
  if (isAsked("deletes")) await onSite("deletes", DELETES_FLAGS, (site) => tryDeletes(stack, site));
  if (isAsked("evidence"))
    await onSite("evidence", EVIDENCE_FLAGS, (site) => tryEvidence(stack, site));
  if (isAsked("moves")) await onSite("moves", MOVES_FLAGS, (site) => tryMoves(stack, site));
} finally {
  npm("stop");
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed ? 1 : 0;

async function onSite(
  name: string,
  flags: readonly string[],
  attempt: (site: ReplaySite) => Promise<void>,
): Promise<void> {
  console.log(`\n${name} ${flags.join(" ")}`);
  const site = await startReplay(server, data, flags);
  try {
    await attempt(site);
  } finally {
    site.stop();
  }
}

async function tryVariant(stack: Stack, variant: Variant, site: ReplaySite): Promise<void> {
  const namespace = `jira_${variant.name}`;
  const runs = await runMainJob(
    stackApi(stack.apiUrl, stack.token),
    jobOf(namespace, site, variant),
  );
  for (const run of runs)
    check(run.status === "COMPLETE", `${run.unitId} ends COMPLETE`, describeRun(run));

  const full = await site.requests();
  const refused = await site.refusals();
  check(
    !variant.rateLimit || refused === 0,
    "is refused no oftener than it may be",
    `${refused} of ${full} requests`,
  );

  await compare(stack, namespace, site);
  await changeAndRun(stack, variant, site, runs, full);
  await compare(stack, namespace, site, ["issues", "comments"]);
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

  const api = stackApi(stack.apiUrl, stack.token);
  const before = await site.requests();
  const issues = runs.filter((run) => run.unitId === "jira.issues");
  const [again] = await waitForRuns(
    api,
    await Promise.all(issues.map((run) => startRun(api, run))),
  );
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

async function compare(
  stack: Stack,
  namespace: string,
  site: ReplaySite,
  units?: string[],
): Promise<void> {
  for (const found of await compareLake(stack.lake, namespace, site.url, units)) {
    check(isExact(found), `${found.unit} are exactly the site's`, describeComparison(found));
  }
}

function jobOf(
  endpointName: string,
  site: ReplaySite,
  { rateLimit }: Partial<Variant> = {},
): MainJobInput {
  const credentials = { authType: "basic", secret: REPLAY_ACCOUNT };
  return {
    endpointName,
    connector: "jira",
    config: { baseUrl: site.url, ...(rateLimit && { rateLimit }) },
    credentials,
  };
}
