/**
 * `npm run bench -- --peers [--issues N --times N --minutes N --only PART]`: full loads of one
 * plain site by Inlet and its peers, each a process of its own, in turn; medians. Then Inlet alone:
 * what it makes of the concurrency and of the rate that a site allows, and the memory of a long
 * load.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = join(import.meta.dirname, "..");
const here = join(import.meta.dirname, "peers");
const ACCOUNT = { user: "bench", token: "bench" };
const PYTHON = join(root, ".venv/bin/python");
const LATENCY_MS = 50;
const RATE = 20;

export interface Options {
  readonly issues: number;
  readonly times: number;
  /** How long the load under a rate lasts. */
  readonly minutes: number;
  /** One part alone: loads, latency, rate or memory; all where it is empty. */
  readonly only: string;
}

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakPssMb: number;
  readonly result: { readonly rows: number };
}

interface Contestant {
  readonly name: string;
  readonly command: (site: object) => string[];
}

export async function benchPeers({ issues, times, minutes, only }: Options): Promise<void> {
  const parts: Record<string, () => Promise<void>> = {
    loads: async () => {
      const contestants = [...installedPeers(), BY_HAND, INLET];
      console.log(
        `full loads of ${issues} issues of about 8 kB, whole processes, median of ${times}`,
      );
      console.table(await fullLoads(contestants, issues, times));
    },
    latency: async () => {
      console.log(`Inlet's reading at ${LATENCY_MS} ms an answer, within its default budget`);
      console.table(atLatency(issues));
    },
    rate: async () => {
      console.log(
        `Inlet's reading where a site takes ${RATE} requests a second: ${minutes} minutes`,
      );
      console.table(atRate(minutes));
    },
    memory: async () => {
      console.log("memory of all processes of a run, by rows");
      console.table(await memory([100_000, 1_000_000]));
    },
  };

  for (const [name, part] of Object.entries(parts)) if (only === "" || only === name) await part();
}

const BY_HAND: Contestant = {
  name: "hand-written loop",
  command: (site) => [PYTHON, join(root, "bench/data_plane.py"), json({ ...site, byHand: true })],
};
const INLET: Contestant = {
  name: "inlet",
  command: (site) => inlet({ ...site, alone: true }),
};

function inlet(site: object): string[] {
  return [PYTHON, join(root, "bench/data_plane.py"), json({ ...site, mode: "FULL" })];
}

function installedPeers(): Contestant[] {
  return [
    { name: "dlt, rest_api to parquet", venv: "dlt", script: "dlt_load.py" },
    { name: "Airbyte's CDK, `read` alone", venv: "airbyte", script: "airbyte_source.py" },
    { name: "Airbyte's CDK, its stream alone", venv: "airbyte", script: "airbyte_read.py" },
  ].map(({ name, venv, script }) => {
    const python = installed(venv);
    return { name, command: (site: object) => [python, join(here, script), json(site)] };
  });
}

/** Python of an environment of the peer's own, made from its lock where it is missing. */
function installed(peer: string): string {
  const venv = join(root, ".local/bench", peer);
  const python = join(venv, "bin/python");
  if (existsSync(python)) return python;

  console.log(`Installing ${peer}…`);
  const uv = join(root, ".venv/bin/uv");
  const lock = join(here, `requirements-${peer}.txt`);
  run(uv, ["venv", "-q", "--python", PYTHON, venv]);
  run(uv, [
    "pip",
    "install",
    "-q",
    "--compile-bytecode",
    "--python",
    python,
    "--require-hashes",
    "-r",
    lock,
  ]);
  return python;
}

async function fullLoads(contestants: readonly Contestant[], issues: number, times: number) {
  const site = await startSite("--issues", String(issues));
  const runs = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]));
  try {
    for (let turn = 0; turn < times; turn += 1) {
      for (const { name, command } of contestants) runs.get(name)?.push(measure(site, command));
    }
  } finally {
    site.process.kill();
  }

  return Object.fromEntries(
    [...runs].map(([name, all]) => {
      const rows = all[0]?.result.rows ?? 0;
      const figures = {
        rows,
        rowsPerSecond: Math.round(rows / median(all.map(({ seconds }) => seconds))),
        cpuSecondsPer10k: round((median(all.map((one) => one.cpuSeconds)) / rows) * 10_000),
        peakPssMb: median(all.map(({ peakPssMb }) => peakPssMb)),
      };
      return [name, figures];
    }),
  );
}

/** What `rate.py` says of each, by itself. */
function reading(options: readonly string[]): object {
  return JSON.parse(run(PYTHON, [join(root, "bench/rate.py"), ...options])) as object;
}

function atLatency(issues: number): Record<string, object> {
  const site = ["--issues", `${issues}`, "--latency-ms", `${LATENCY_MS}`, "--default-limits"];
  return { incremental: reading(site), full: reading([...site, "--full"]) };
}

function atRate(minutes: number): Record<string, object> {
  const site = ["--per-second", `${RATE}`, "--burst", `${RATE}`, "--seconds", `${60 * minutes}`];
  return {
    "the budget is told": reading(site),
    "the budget is not told": reading([...site, "--default-limits"]),
  };
}

async function memory(sizes: readonly number[]) {
  const figures: Record<string, object> = {};
  for (const size of sizes) {
    const site = await startSite("--issues", `${size}`, "--bytes", "0");
    try {
      const { peakPssMb, seconds } = measure(site, (of) => inlet({ ...of, alone: true }));
      figures[`${size} rows`] = { peakPssMb, seconds };
    } finally {
      site.process.kill();
    }
  }
  return figures;
}

interface Site {
  readonly url: string;
  readonly process: ChildProcess;
}

async function startSite(...flags: string[]): Promise<Site> {
  const node = join(root, "node_modules/.bin/node");
  const site = spawn(node, [join(here, "plain-site.ts"), ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(site.stdout), "line")) as [string];
  return { url: line.replace("listening on ", ""), process: site };
}

/** One run in a folder of its own. */
function measure({ url }: Site, command: (site: object) => string[]): Measured {
  const folder = mkdtempSync(join(tmpdir(), "inlet-bench-"));
  try {
    const measured = command({ ...ACCOUNT, url, folder });
    return JSON.parse(run(PYTHON, [join(here, "measured.py"), ...measured])) as Measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[]): string {
  // What is compiled once is compiled for all runs, of the peers as well.
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: "",
    PYTHONPATH: join(root, "python-worker/src"),
  };
  const ended = spawnSync(command, args, { env, encoding: "utf8", maxBuffer: 64e6 });
  if (ended.status !== 0) throw new Error(`${command} failed:\n${ended.stderr.slice(-3_000)}`);
  return ended.stdout;
}

function median(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? 0;
}

function round(figure: number): number {
  return Math.round(figure * 100) / 100;
}

function json(value: object): string {
  return JSON.stringify(value);
}
