/** The local Temporal: the real dev server, its database kept beside the stack's state. */
import { join } from "node:path";
import { paths, root } from "./paths.ts";
import { isTaken, type Ports } from "./ports.ts";
import type { ProcessSpec } from "./processes.ts";
import { waitUntil } from "./wait.ts";

export function temporalSpec(ports: Ports, baseEnvironment: Record<string, string>): ProcessSpec {
  return {
    name: "temporal",
    command: join(root, ".venv/bin/temporal"),
    args: [
      "server",
      "start-dev",
      "--ip=127.0.0.1",
      `--port=${ports.temporal}`,
      `--ui-port=${ports.temporalUi}`,
      `--db-filename=${paths.temporalDb}`,
      "--log-level=warn",
    ],
    env: baseEnvironment,
  };
}

export function waitForTemporal(ports: Ports): Promise<void> {
  return waitUntil("Temporal", 60, () => isTaken(ports.temporal));
}
