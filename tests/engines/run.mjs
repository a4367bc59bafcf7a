// `npm run test:engines [-- pytest arguments]`: the suites of what needs a database server, HDFS,
// Spark, pandas or DuckDB. Installs them, and ends with `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, COMPILED, root } from "../../local/bootstrap.mjs";
import { countOf } from "../junit.mjs";
import { installEngines, venv } from "./install.mjs";

await bootstrap();
installEngines();

const reports = join(root, ".local/tests");
const report = join(reports, "engines.xml");
mkdirSync(reports, { recursive: true });
rmSync(report, { force: true });

const started = Date.now();
const asked = process.argv.slice(2);
const { status } = spawnSync(
  join(venv, "bin/python"),
  [
    "-m",
    "pytest",
    "-n",
    "2",
    "--dist",
    "loadfile",
    `--junitxml=${report}`,
    "tests_engines",
    ...asked,
  ],
  {
    cwd: join(root, "python-worker"),
    env: {
      ...process.env,
      ...COMPILED,
      PATH: `${join(venv, "bin")}:${process.env.PATH}`,
      VIRTUAL_ENV: venv,
    },
    stdio: "inherit",
  },
);
const { passed, failed } = countOf(report, status === 0);
console.log(`engines: ${Math.round((Date.now() - started) / 1000)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
