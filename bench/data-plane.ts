/**
 * Loads of the issues unit from a fast synthetic site: rows of about 8 kB, one process of its own
 * for each contestant.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = join(import.meta.dirname, "..");
const ISSUES = 10_000;
/** Gives issues of about 8 kB as `fields=*all` answers them. */
const BODY_BYTES = 1_900;
const TOUCHED = 200;
const SITE = { user: "sandbox@example.com", token: "sandbox-token" };

export interface Load {
  readonly load: string;
  readonly rows: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly peakRssMb: number;
  readonly requests: number;
}

export async function benchDataPlane(): Promise<Load[]> {
  const folder = mkdtempSync(join(tmpdir(), "inlet-bench-"));
  const node = join(root, "node_modules/.bin/node");
  const main = join(root, "local/sandbox/jira/main.ts");
  const flags = ["--port", "0", "--issues", String(ISSUES), "--body-bytes", String(BODY_BYTES)];
  const sandbox = spawn(node, [main, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(createInterface(sandbox.stdout), "line")) as [string];
    const site = { ...SITE, folder, url: line.replace("listening on ", "") };
    // The sandbox renders an issue when it is first asked for: the first pull is not counted.
    measure({ ...site, byHand: true });
    const loads = [measure({ ...site, byHand: true }), measure(site)];
    await fetch(`${site.url}/__control/touch`, {
      method: "POST",
      body: JSON.stringify({ count: TOUCHED }),
    });
    return [...loads, measure(site)];
  } finally {
    sandbox.kill();
    rmSync(folder, { recursive: true });
  }
}

function measure(asked: object): Load {
  const env = { ...process.env, PYTHONPATH: join(root, "python-worker/src") };
  const python = join(root, ".venv/bin/python");
  const run = spawnSync(python, [join(root, "bench/data_plane.py"), JSON.stringify(asked)], {
    env,
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`The load failed:\n${run.stderr.slice(-3000)}`);
  return JSON.parse(run.stdout) as Load;
}
