/**
 * A landed lake, read as any consumer reads it and held against what the site says a complete copy
 * holds (`verify.py`).
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** How to open the lake: `lake` of `.local/stack.json`. */
export type Lake = Readonly<Record<string, string>>;

export interface Comparison {
  readonly unit: string;
  readonly truth: number;
  readonly landed: number;
  readonly missing: number;
  readonly extra: number;
  readonly duplicates: number;
  readonly wrongSha256: number;
  /** Rows that say they were deleted: no part of the copy. */
  readonly tombstones: number;
  readonly examples: readonly string[];
}

/**
 * Each unit's difference from the site's own account of a complete copy; the site may be served by
 * this process.
 */
export function compareLake(
  lake: Lake,
  namespace: string,
  siteUrl: string,
  units?: readonly string[],
): Promise<Comparison[]> {
  return askLake("tests/replay/verify.py", {
    lake,
    namespace,
    truthUrl: `${siteUrl}/__control/truth`,
    units,
  });
}

/** What a script prints as JSON of what it is given as JSON. */
export async function askLake<T>(
  script: string,
  given: { readonly lake: Lake; readonly [name: string]: unknown },
) {
  const { stdout } = await run(
    join(root, ".venv/bin/python"),
    [join(root, script), JSON.stringify(given)],
    {
      maxBuffer: 64e6,
    },
  );
  return JSON.parse(stdout) as T;
}

export function isExact({
  truth,
  landed,
  missing,
  extra,
  duplicates,
  wrongSha256,
}: Comparison): boolean {
  return truth > 0 && landed === truth && missing + extra + duplicates + wrongSha256 === 0;
}
