// `npm test`: installs what is missing, runs every suite, and ends with `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, root, toolEnvironment } from "../local/bootstrap.mjs";
import { countOf } from "./junit.mjs";

await bootstrap();
const reports = join(root, ".local/tests");
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

/** @type {[name: string, command: string, args: string[], cwd: string][]} */
const suites = [
  [
    "typescript",
    "vitest",
    ["run", "--reporter=dot", "--reporter=junit", `--outputFile.junit=${reports}/typescript.xml`],
    root,
  ],
  [
    "python",
    "python",
    // Each worker has one half, so that what a module or package starts is started once.
    ["-m", "pytest", "-n", "2", "--dist", "worksteal", `--junitxml=${reports}/python.xml`],
    join(root, "python-worker"),
  ],
  [
    "end to end",
    "vitest",
    [
      "run",
      "--config",
      "tests/e2e/vitest.config.ts",
      "--reporter=default",
      "--reporter=junit",
      `--outputFile.junit=${reports}/end to end.xml`,
    ],
    root,
  ],
];

const total = { passed: 0, failed: 0 };
for (const [name, command, args, cwd] of suites) {
  const started = Date.now();
  const run = spawnSync(command, args, {
    cwd,
    env: toolEnvironment(),
    encoding: "utf8",
    maxBuffer: 256e6,
  });
  const { passed, failed } = countOf(join(reports, `${name}.xml`), run.status === 0);
  total.passed += passed;
  total.failed += failed;
  console.log(
    `${name}: ${passed} passed, ${failed} failed (${Math.round((Date.now() - started) / 1000)} s)`,
  );
  if (failed > 0) console.log(`${run.stdout}\n${run.stderr}`.slice(-20_000));
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed ? 1 : 0;
