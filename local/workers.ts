/**
 * The two ECS services as local processes, with the environment of their deployed task definitions.
 */
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

function pythonPath(): Record<string, string> {
  return { PYTHONPATH: join(root, "python-worker/src") };
}
