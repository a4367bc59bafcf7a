import { join, resolve } from "node:path";

export const root = join(import.meta.dirname, "..");
/** Everything a stack keeps. Another `INLET_STATE_DIR` is another stack. */
export const stateDir = resolve(root, process.env.INLET_STATE_DIR ?? ".local");

export const paths = {
  stackFile: join(stateDir, "stack.json"),
  processesFile: join(stateDir, "processes.json"),
  pidsFile: join(stateDir, "pids.json"),
  emulatorState: join(stateDir, "emulator"),
  objects: join(stateDir, "objects"),
  temporalDb: join(stateDir, "temporal.db"),
  catalogs: join(stateDir, "catalogs"),
  keys: join(stateDir, "keys.json"),
  outputs: join(stateDir, "cdk-outputs.json"),
  assembly: join(stateDir, "cdk.out"),
  deployed: join(stateDir, "deployed"),
  logs: join(stateDir, "logs"),
} as const;
