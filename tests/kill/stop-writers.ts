/**
 * Many processes write to one SQLite catalogue; each that is stopped, at a random instant, must
 * hold up none of the others.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../local/paths.ts";
import type { Outcome } from "./outcome.ts";

/** A worker that opened the file itself was caught holding its lock within a dozen stops. */
const STOPS = 60;

export async function stopWriters(): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "inlet-catalogue-"));
  try {
    const script = join(import.meta.dirname, "stopped_writers.py");
    const seed = Math.floor(Math.random() * 1_000_000);
    const PYTHONPATH = join(root, "python-worker/src");
    const { stdout } = await promisify(execFile)(
      join(root, ".venv/bin/python"),
      [script, folder, String(STOPS), String(seed)],
      { env: { ...process.env, PYTHONPATH } },
    );
    return {
      status: "STOPPED",
      staged: 0,
      ...(JSON.parse(stdout) as Pick<Outcome, "rows" | "commits" | "faults">),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
