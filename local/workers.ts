/**
 * The two ECS services as local processes, with the environment of their deployed task definitions.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Deployment } from "./deploy.ts";
import { awsEnvironment } from "./emulator.ts";
import { root } from "./paths.ts";
import type { Ports } from "./ports.ts";
import type { ProcessSpec } from "./processes.ts";

const python = join(root, ".venv/bin/python");

export function workerSpecs(
  deployment: Deployment,
  ports: Ports,
  baseEnvironment: Record<string, string>,
): ProcessSpec[] {
  const env = { ...baseEnvironment, ...awsEnvironment(ports) };
  return [
    {
      name: "typescriptWorker",
      command: join(root, "node_modules/.bin/node"),
      args: [join(root, "worker/main.ts")],
      env: { ...env, ...deployment.typescriptEnv },
    },
    {
      name: "pythonWorker",
      command: python,
      args: ["-m", "inlet_worker", "worker"],
      env: { ...env, ...pythonPath(), ...deployment.pythonEnv },
    },
  ];
}

/** What the Python worker says it can do (DESIGN decision 1). */
export function readManifest(baseEnvironment: Record<string, string>): unknown {
  const env = { ...baseEnvironment, ...pythonPath() };
  const { status, stdout, stderr } = spawnSync(python, ["-m", "inlet_worker", "manifest"], {
    env,
    encoding: "utf8",
  });
  if (status !== 0)
    throw new Error(`The Python worker prints no manifest:\n${stderr.slice(-2000)}`);
  return JSON.parse(stdout);
}

function pythonPath(): Record<string, string> {
  return { PYTHONPATH: join(root, "python-worker/src") };
}
