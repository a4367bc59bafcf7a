// `npm run check`: everything that can be said of the code without running it. Plain JavaScript: it
// installs first.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, root, toolEnvironment } from "../local/bootstrap.mjs";

await bootstrap();
const python = join(root, "python-worker");
const env = toolEnvironment({ PYTHONPATH: join(python, "src") });
const arrowed = [
  "schemas",
  "core",
  "adapters",
  "integrations",
  "functions",
  "worker",
  "client",
  "infra",
  "local",
  "cli",
].filter((room) => existsSync(join(root, room)));

const scripts = ["--config", join(python, "pyproject.toml"), "bench", "tests"];

/** @type {[name: string, command: string, args: string[], cwd?: string][]} */
const checks = [
  ["format and lint, TypeScript", "biome", ["check", "--error-on-warnings", "."]],
  ["format, Python", "ruff", ["format", "--check", "-q", "."], python],
  ["lint, Python", "ruff", ["check", "-q", "."], python],
  ["format, scripts", "ruff", ["format", "--check", "-q", ...scripts]],
  ["lint, scripts", "ruff", ["check", "-q", "--ignore", "T201,S310", ...scripts]],
  ["types, TypeScript", "tsc", ["-p", "."]],
  ["types, infra", "tsc", ["-p", "infra"]],
  ["types, client", "tsc", ["-p", "client"]],
  ["types, cli", "tsc", ["-p", "cli"]],
  ["types, Python", "mypy", [], python],
  ["arrows between rooms", "depcruise", ["--config", ".dependency-cruiser.cjs", ...arrowed]],
  ["arrows between Python layers", "lint-imports", ["--no-logo", "--no-cache"], python],
  ["no line is wider than 100 columns", "node", ["tests/width.mjs"]],
  ["dead code, TypeScript", "node", ["tests/dead-code.mjs"]],
  ["dead code, Python", "vulture", [], python],
  ["generated files match their source", "node", ["tests/generated-drift.mjs"]],
  ["references resolve", "node", ["tests/references.mjs"]],
  ["lock files pin and name no host", "node", ["tests/lock-files.mjs"]],
  ["synth of every environment, cdk-nag", "npm", ["run", "--silent", "synth"]],
];

let failed = 0;
for (const [name, command, args, cwd = root] of checks) {
  const started = Date.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 64e6,
  });
  const ok = status === 0;
  failed += ok ? 0 : 1;
  console.log(`${ok ? "ok  " : "FAIL"} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) console.log(error?.message ?? `${stdout}\n${stderr}`.slice(-8000));
}
console.log(`check: ${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
