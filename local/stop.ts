import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { paths } from "./paths.ts";
import { isAlive, readPids } from "./processes.ts";

/** Stops the running stack, if there is one, and waits until every process has ended. Its state stays. */
export async function stopStack(): Promise<boolean> {
  const { supervisor } = readPids();
  const ran = isAlive(supervisor);
  if (ran && supervisor !== undefined) {
    process.kill(supervisor, "SIGTERM");
    while (isAlive(supervisor)) await pause(100);
  }
  for (const file of [paths.stackFile, paths.processesFile, paths.pidsFile]) rmSync(file, { force: true });
  return ran;
}

if (import.meta.main)
  console.log((await stopStack()) ? "Stopped. What landed is kept for the next start." : "Nothing runs.");
