/**
 * What a unit is of changes under its checkpoint: the scope widens, the table is dropped, the sink
 * is another one, the site is another one. Statuses and rows, over the API and the lake.
 */
import { ensureSink } from "../../local/main-job.ts";
import type { Stack } from "../../local/stack-file.ts";
import { ResetUnit } from "../../schemas/operations/units.ts";
import type { Run } from "../../schemas/run.ts";
import { askLake, compareLake, isExact } from "./lake.ts";
import { aSinkOfFiles } from "./own-sink.ts";
import type { ReplaySite } from "./replay-site.ts";
import { check, describeComparison, describeRun } from "./report.ts";
import { configure, pathOf, run, type Scene, truthOf, withScene } from "./scene.ts";

/** The vendor's feeds tell at once rather than a minute late. */
export const MOVES_FLAGS = ["--worklog-delay", "0"];

const UNITS = ["issues", "comments", "worklogs"] as const;
const SMALL = "DAEMON";
const TOUCHED = 7;

export async function tryMoves(stack: Stack, site: ReplaySite): Promise<void> {
  await withScene(stack, site, "moved_scope", widenScope);
  await withScene(stack, site, "moved_table", dropTable);
  await withScene(stack, site, "moved_sink", changeSink);
  await withScene(stack, site, "moved_site", replaceSite);
}

/** One project, then all of them: the history of the others is read, beside what changes. */
async function widenScope(scene: Scene): Promise<void> {
  const narrow = { filters: { projectKeys: [SMALL] } };
  for (const unit of UNITS) await configure(scene, unit, { policy: narrow });
  await runAll(scene, "of one project", isComplete);

  for (const unit of UNITS) await configure(scene, unit, { policy: {} });
  await scene.site.control("touch", { count: TOUCHED });
  const first = await runAll(scene, "of all projects", ({ status }) => status !== "FAILED");
  const exact = await areExact(scene);
  const green = first.filter(isComplete).length;
  check(exact || green < UNITS.length, "no run is COMPLETE without the history", `${green} were`);
  const says = first.every(({ evidence }) => evidence.some(({ code }) => code === "SCOPE_WIDENED"));
  check(says, "each says that its scope widened", "SCOPE_WIDENED");

  await runAll(scene, "of all projects, the second time", isComplete);
  await compare(scene, "after the scope widened");
}

async function dropTable(scene: Scene): Promise<void> {
  await landAll(scene);
  const table = (unit: string) => [scene.endpoint.slug, unit];
  for (const unit of UNITS)
    await askLake("tests/stage/stack/edit_table.py", {
      lake: scene.stack.lake,
      table: table(unit),
    });
  await scene.site.control("touch", { count: TOUCHED });
  await runAll(scene, "after the table was dropped", says("TARGET_GONE"));
  await runAll(scene, "and again", isComplete);
  await compare(scene, "after the table was dropped");
}

/** To files and back: what changed meanwhile is in the table, too. */
async function changeSink(scene: Scene): Promise<void> {
  await landAll(scene);
  const { sinkId } = await aSinkOfFiles(scene.api, scene.stack, "moved_sink_files");
  await configure(scene, "issues", { sinkId });
  const there = await run(scene, "issues");
  const wanted = (await truthOf(scene.site, "issues")).length;
  const all = there.stats.landed === wanted && there.status === "COMPLETE";
  check(all, "another sink has all issues", describeRun(there));
  check(says("TARGET_GONE")(there), "and the run says why it read them", describeRun(there));

  await scene.site.control("touch", { count: TOUCHED });
  await run(scene, "issues");
  await configure(scene, "issues", { sinkId: (await ensureSink(scene.api)).sinkId });
  await runAll(scene, "after the sink is the first one again", ({ status }) => status !== "FAILED");
  await runAll(scene, "and again", isComplete);
  await compare(scene, "after the sink was another one");
}

/** Another site answers under the name of the first, until somebody says that this is right. */
async function replaceSite(scene: Scene): Promise<void> {
  const leave = isSite(scene, "00000000-0000-4000-8000-000000000001");
  await landAll(scene);
  const before = await tables(scene);
  leave();
  isSite(scene, "00000000-0000-4000-8000-000000000002");
  await scene.site.control("touch", { count: TOUCHED });
  for (const mode of ["INCREMENTAL", "FULL"] as const) {
    for (const unit of UNITS) await configure(scene, unit, { mode });
    await runAll(scene, `of another site, ${mode}`, failsWith("SOURCE_CHANGED"));
  }
  const kept = (await tables(scene)) === before;
  check(kept, "no row changed", kept ? "as before" : "rows changed");

  for (const unit of UNITS) {
    await configure(scene, unit, { mode: "INCREMENTAL" });
    await scene.api.call(ResetUnit, { path: pathOf(scene, unit) });
  }
  await runAll(scene, "of another site, after a reset alone", failsWith("SOURCE_CHANGED"));
  for (const unit of UNITS)
    await scene.api.call(ResetUnit, { path: pathOf(scene, unit), body: { replace: true } });
  await runAll(scene, "after somebody said that it replaces the first", isComplete);
  await compare(scene, "after the site was replaced");
}

/** The recording says of itself only its address; the gateway says which site it is. */
const isSite = ({ gateway }: Scene, cloudId: string) =>
  gateway.odd("/_edge/tenant_info", () => ({ status: 200, body: JSON.stringify({ cloudId }) }));

async function landAll(scene: Scene): Promise<void> {
  for (const unit of UNITS) await configure(scene, unit, {});
  await runAll(scene, "the first load", isComplete);
  await compare(scene, "at first");
}

const isComplete = ({ status }: Run) => status === "COMPLETE";
const failsWith = (code: string) => (run: Run) =>
  run.status === "FAILED" && run.error?.code === code;
const says = (wanted: string) => (run: Run) =>
  run.status !== "FAILED" && run.evidence.some(({ code }) => code === wanted);

async function runAll(scene: Scene, when: string, expected: (run: Run) => boolean): Promise<Run[]> {
  const runs: Run[] = [];
  for (const unit of UNITS) runs.push(await run(scene, unit));
  for (const one of runs) check(expected(one), `${one.unitId} ${when}`, describeRun(one));
  return runs;
}

const compared = ({ stack, endpoint, site }: Scene) =>
  compareLake(stack.lake, endpoint.slug, site.url, UNITS);

async function areExact(scene: Scene): Promise<boolean> {
  return (await compared(scene)).every(isExact);
}

async function compare(scene: Scene, when: string): Promise<void> {
  for (const found of await compared(scene))
    check(
      isExact(found),
      `${found.unit} are exactly the site's ${when}`,
      describeComparison(found),
    );
}

/** The commits of each table, in order. */
async function tables({ stack, endpoint }: Scene): Promise<string> {
  const given = { lake: stack.lake, namespace: endpoint.slug };
  return JSON.stringify(await askLake("tests/stage/stack/landed_tables.py", given));
}
