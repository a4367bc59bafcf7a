/** What landed in the demo tenant's lake, read by PyIceberg as any consumer reads it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { readStack } from "../../local/stack-file.ts";
import type { Comparison } from "../replay/lake.ts";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** The comparison of a complete copy, whatever its size. */
export const EXACT = { missing: 0, extra: 0, duplicates: 0, wrongSha256: 0, examples: [] };

/** Each unit's difference from the site's own account of a complete copy; the site may be served by this process. */
export function compareWithTruth(
  { slug }: { slug: string },
  site: { url: string },
  units?: readonly string[],
): Promise<Comparison[]> {
  const truthUrl = `${site.url}/__control/truth`;
  return python("tests/replay/verify.py", { lake: readStack().lake, namespace: slug, truthUrl, units });
}

/** A landed table: `commits` are the ids of the slices in its history, oldest first. */
export interface LandedTable {
  readonly rows: number;
  readonly commits: readonly string[];
}

/** The endpoint's tables by name. */
export function landedTables({ slug }: { slug: string }): Promise<Record<string, LandedTable>> {
  return python("tests/e2e/landed_tables.py", { lake: readStack().lake, namespace: slug });
}

async function python<T>(script: string, given: unknown): Promise<T> {
  const { stdout } = await run(join(root, ".venv/bin/python"), [join(root, script), JSON.stringify(given)], {
    maxBuffer: 16e6,
  });
  return JSON.parse(stdout) as T;
}
