import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { paths } from "./paths.ts";
import { commandLine, readSpecs, runningPid } from "./processes.ts";

/**
 * Stops the running stack, if there is one, and waits until every process has ended. Its state
 * stays.
 */
export async function stopStack(): Promise<boolean> {
  const supervised = await stop("supervisor");
  // What a supervisor that was killed left behind. The emulator last, as the supervisor does it.
  const left = readSpecs().filter(({ name }) => name !== "ministack");
  const orphans = await Promise.all(left.map(({ name }) => stop(name)));
  const emulator = await stop("ministack");
  for (const file of [paths.stackFile, paths.processesFile, paths.pidsFile])
    rmSync(file, { force: true });
  return [supervised, emulator, ...orphans].some(Boolean);
}

async function stop(name: Parameters<typeof runningPid>[0]): Promise<boolean> {
  const pid = runningPid(name);
  if (pid === undefined) return false;
  process.kill(pid, "SIGTERM");
  process.kill(pid, "SIGCONT");
  while (commandLine(pid) !== "") await pause(100);
  return true;
}

if (import.meta.main)
  console.log(
    (await stopStack()) ? "Stopped. What landed is kept for the next start." : "Nothing runs.",
  );
