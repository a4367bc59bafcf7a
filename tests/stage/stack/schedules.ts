/** The stack's schedules, as Temporal's own command line shows them. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { readStack } from "../../../local/stack-file.ts";

const executable = join(import.meta.dirname, "../../../.venv/bin/temporal");
const run = promisify(execFile);

const temporal = async (...command: string[]): Promise<string> =>
  (await run(executable, ["schedule", ...command, "--address", readStack().temporalAddress]))
    .stdout;

/** Null when there is none of this id. */
export async function listedSchedule(id: string): Promise<{ paused: boolean } | null> {
  const listed: { scheduleId: string; info?: { paused?: boolean } }[] = JSON.parse(
    (await temporal("list", "--really-long", "--output", "json")) || "[]",
  );
  const found = listed.find(({ scheduleId }) => scheduleId === id);
  return found ? { paused: found.info?.paused ?? false } : null;
}

/** A tick now, as the clock would give it. */
export async function tick(id: string): Promise<void> {
  await temporal("trigger", "--schedule-id", id);
}
