/** What is done to a process in the middle of a run. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { paths, root } from "../../local/paths.ts";
import { type ProcessSpec, readSpecs, runningPid } from "../../local/processes.ts";
import { until } from "../stage/stack/until.ts";
import { descendants, isRunning } from "./process-tree.ts";

const DEATH_SECONDS = 15;
const RESTART_SECONDS = 60;

export type Victim = Extract<ProcessSpec["name"], "pythonWorker" | "typescriptWorker" | "temporal">;

/**
 * SIGKILL. Returns when the process and all below it are gone and the supervisor has started
 * another.
 */
export async function kill(victim: Victim): Promise<void> {
  const pid = pidOf(victim);
  const below = descendants(pid);
  process.kill(pid, "SIGKILL");
  await until(
    `${victim} and its children to be gone`,
    DEATH_SECONDS,
    () => ![pid, ...below].some(isRunning),
  );
  await until(`another ${victim}`, RESTART_SECONDS, () => {
    const now = runningPid(victim);
    return now !== undefined && now !== pid;
  });
}

/**
 * SIGKILL, and no other in its place until `meanwhile` has ended: its supervisor is stopped, too.
 */
export async function holdDown(victim: Victim, meanwhile: () => Promise<void>): Promise<void> {
  const supervisor = runningPid("supervisor");
  const pid = pidOf(victim);
  if (supervisor === undefined) throw new Error("No supervisor runs.");

  process.kill(supervisor, "SIGSTOP");
  try {
    process.kill(pid, "SIGKILL");
    await until(`${victim} to be gone`, DEATH_SECONDS, () => !isRunning(pid));
    await meanwhile();
  } finally {
    process.kill(supervisor, "SIGCONT");
  }

  await until(`another ${victim}`, RESTART_SECONDS, () => {
    const now = runningPid(victim);
    return now !== undefined && now !== pid;
  });
}

export interface Stopped {
  /** Lets all of it go on. */
  resume(): void;
  /** Whether all activities that were stopped have ended since. */
  hasLetGo(): boolean;
}

/** SIGSTOP to the Python worker and all below it, children first, so that none is waited for. */
export function stop(victim: Victim): Stopped {
  const pid = pidOf(victim);
  process.kill(pid, "SIGSTOP");
  const below = descendants(pid);
  // Directly below the worker are its fork server and tracker, which stay; below these, one process
  // for each activity.
  const activities = below.flatMap(descendants);
  for (const child of below) process.kill(child, "SIGSTOP");

  return {
    resume: () => {
      for (const stopped of [...below, pid])
        if (isRunning(stopped)) process.kill(stopped, "SIGCONT");
    },
    hasLetGo: () => activities.length > 0 && !activities.some(isRunning),
  };
}

/** A second Python worker beside the first, as a deployment has them. `end` lets it drain. */
export function startSuccessor(): { end: () => Promise<void> } {
  const spec = readSpecs().find(({ name }) => name === "pythonWorker");
  if (!spec) throw new Error("The stack has no Python worker.");
  const log = openSync(join(paths.logs, "successor.log"), "a");
  const child: ChildProcess = spawn(spec.command, spec.args, {
    cwd: root,
    env: spec.env,
    stdio: ["ignore", log, log],
  });

  const ended = once(child, "exit");
  return {
    end: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function pidOf(victim: Victim): number {
  const pid = runningPid(victim);
  if (pid === undefined) throw new Error(`No ${victim} runs.`);
  return pid;
}
