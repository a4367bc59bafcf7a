/**
 * `npm run test:kill [-- --only PART --times N]`: kills the workers and Temporal in the middle of a
 * run of the issues unit, on a stack of its own. Whatever was killed and when, the run must end
 * COMPLETE with every row once and nothing staged. `--only` takes the scenarios whose name contains
 * the text; `--times` goes through them N times. Prints a row for each, and `N passed, N failed`.
 */
import { parseArgs } from "node:util";
import { aSite } from "../stage/stack/site.ts";
import { startStackUnderTest } from "../stage/stack/stack-under-test.ts";

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, times: { type: "string", default: "1" } },
});
const stopStack = await startStackUnderTest("kill");
// What reads the stack's state finds it by the environment, which is set only now.
const { ISSUES, SCENARIOS } = await import("./scenarios.ts");
const site = await aSite({ issues: ISSUES });
const tally = { passed: 0, failed: 0 };
try {
  console.log(row("scenario", "seconds", "status", "rows", "commits", "staged", ""));
  const chosen = SCENARIOS.filter((scenario) => scenario.name.includes(values.only));
  for (const { name, attack } of Array.from(
    { length: Number(values.times) },
    () => chosen,
  ).flat()) {
    const started = Date.now();
    const seconds = () => ((Date.now() - started) / 1000).toFixed(0);
    try {
      const { status, rows, commits, staged, faults } = await attack(site);
      tally[faults.length === 0 ? "passed" : "failed"] += 1;
      console.log(row(name, seconds(), status, rows, commits, staged, faults.join("; ") || "ok"));
    } catch (error) {
      tally.failed += 1;
      console.log(
        row(
          name,
          seconds(),
          "-",
          "-",
          "-",
          "-",
          error instanceof Error ? error.message : String(error),
        ),
      );
    }
  }
} finally {
  await site.stop();
  await stopStack();
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;

function row(name: string, ...cells: (string | number)[]): string {
  return `  ${name.padEnd(36)}${cells.map((cell) => String(cell).padEnd(10)).join("")}`.trimEnd();
}
