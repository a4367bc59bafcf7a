/** Holds a landed lake against what the site says a complete copy holds (`verify.py`). */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

export interface Comparison {
  readonly unit: string;
  readonly truth: number;
  readonly landed: number;
  readonly missing: number;
  readonly extra: number;
  readonly duplicates: number;
  readonly wrongSha256: number;
  readonly examples: readonly string[];
}

export function compareLake(
  lake: Readonly<Record<string, string>>,
  namespace: string,
  siteUrl: string,
  units?: readonly string[],
): Comparison[] {
  const asked = JSON.stringify({ lake, namespace, truthUrl: `${siteUrl}/__control/truth`, units });
  const run = spawnSync(join(root, ".venv/bin/python"), [join(root, "tests/replay/verify.py"), asked], {
    encoding: "utf8",
    maxBuffer: 64e6,
  });
  if (run.status !== 0) throw new Error(`The lake could not be compared:\n${run.stderr.slice(-3000)}`);
  return JSON.parse(run.stdout) as Comparison[];
}

export function isExact({ truth, landed, missing, extra, duplicates, wrongSha256 }: Comparison): boolean {
  return truth > 0 && landed === truth && missing + extra + duplicates + wrongSha256 === 0;
}
