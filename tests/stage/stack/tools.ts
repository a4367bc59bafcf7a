/**
 * A Python worker with the execution tools and a package of transforms, in an environment of its
 * own: what an image with `requirements-tools.txt` has. The stack's own worker has neither.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { once, root, run } from "../../../local/bootstrap.mjs";
import { readSpecs, runningPid, wantProcesses } from "../../../local/processes.ts";
import { until } from "./until.ts";

const VENV = ".venv-tools";
const REQUIREMENTS = "python-worker/requirements-tools.txt";
const PACKAGE = "tests/e2e/acme-transforms";
const WHEELS = ".local/wheels";
const UV = ".venv/bin/uv";

/** Installs them once, and puts that worker in the place of the stack's until the stack ends. */
export async function withTools(): Promise<void> {
  const parts = ["pyproject.toml", "acme_transforms/projects.py"];
  once(VENV, [REQUIREMENTS, ...parts.map((part) => `${PACKAGE}/${part}`)], install);

  const spec = readSpecs().find(({ name }) => name === "pythonWorker");
  if (!spec) throw new Error("The stack has no Python worker.");
  wantProcesses({ ...spec, command: join(root, VENV, "bin/python") });
  await until("the worker with tools", 120, () => runningPid("pythonWorker"));
}

function install(): void {
  for (const made of [VENV, WHEELS]) rmSync(join(root, made), { recursive: true, force: true });
  const into = ["pip", "install", "-q", "--python", `${VENV}/bin/python`];
  run(UV, ["venv", "-q", "--python", ".venv/bin/python", VENV]);
  run(UV, [...into, "--require-hashes", "-r", REQUIREMENTS]);

  const build = ["build", "-q", "--wheel", "--no-build-isolation", "--python", ".venv/bin/python"];
  run(UV, [...build, "-o", WHEELS, PACKAGE]);
  run(UV, [...into, "--no-deps", "--no-index", "--find-links", WHEELS, "acme-transforms"]);
}
