/** The drawn walks of `npm test`, many more of them, from a seed that the row shows. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { toolEnvironment } from "../../local/bootstrap.mjs";
import type { Outcome } from "./outcome.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/**
 * A failure names the seed; `INLET_SEED=… INLET_WALKS=… vitest run <folder>` walks the same way
 * again.
 */
export async function walk(folder: string, walks: number): Promise<Outcome> {
  const seed = Date.now() % 1_000_000_000;
  const env = toolEnvironment({ INLET_WALKS: String(walks), INLET_SEED: String(seed) });
  const faults: string[] = [];
  try {
    await run("vitest", ["run", folder], { cwd: root, env, maxBuffer: 256e6 });
  } catch (error) {
    const said = String((error as { stdout?: string }).stdout ?? error);
    const path = said.match(/path: "[^"]*"/)?.[0] ?? said;
    faults.push(`INLET_SEED=${seed} INLET_WALKS=${walks} vitest run ${folder}: ${path}`);
  }
  return { status: String(seed), rows: walks, commits: 0, staged: 0, faults };
}
