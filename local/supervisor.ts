/**
 * Keeps the stack's processes running, as ECS and Temporal Cloud would: one that dies is started
 * again. Reads what to run from `processes.json`, tells pids in `pids.json` and `stack.json`, logs
 * to `logs/<name>.log`. SIGTERM stops all in turn.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { paths, root } from "./paths.ts";
import { type ProcessSpec, readJson, readSpecs, writeJson } from "./processes.ts";

const LOOK_EVERY_MILLIS = 200;
const RESTART_AFTER_MILLIS = 1_000;
/**
 * The emulator last: the workers still speak to it while they stop, and it persists its state when
 * it ends.
 */
const STOP_ORDER: ProcessSpec["name"][] = [
  "pythonWorker",
  "typescriptWorker",
  "sandbox",
  "temporal",
  "ministack",
];
/** A worker has 60 s to end after SIGTERM (decision 7). */
const STOP_WITHIN_MILLIS = 65_000;

interface Running {
  readonly spec: ProcessSpec;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

const running = new Map<string, Running>();
let stopping = false;

function start(spec: ProcessSpec): void {
  const log = openSync(join(paths.logs, `${spec.name}.log`), "a");
  const child = spawn(spec.command, spec.args, {
    cwd: root,
    env: spec.env,
    stdio: ["ignore", log, log],
  });
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });

  running.set(spec.name, { spec, child, ended });
  void ended.then(async () => {
    if (!stopping) await new Promise((wake) => setTimeout(wake, RESTART_AFTER_MILLIS));
    if (running.get(spec.name)?.child === child) running.delete(spec.name);
  });

  tellPids();
}

function tellPids(): void {
  const pids = Object.fromEntries([...running].map(([name, { child }]) => [name, child.pid]));
  writeJson(paths.pidsFile, { supervisor: process.pid, ...pids });
  const stack = readJson<Record<string, unknown>>(paths.stackFile);
  if (stack) writeJson(paths.stackFile, { ...stack, pids: { supervisor: process.pid, ...pids } });
}

async function stopOne(name: string): Promise<void> {
  const found = running.get(name);
  if (!found) return;
  found.child.kill("SIGTERM");
  // A stopped process cannot act on SIGTERM before it is continued.
  found.child.kill("SIGCONT");
  const late = setTimeout(() => found.child.kill("SIGKILL"), STOP_WITHIN_MILLIS);
  await found.ended;
  clearTimeout(late);
  running.delete(name);
}

async function look(): Promise<void> {
  for (const spec of readSpecs()) {
    const found = running.get(spec.name);
    if (found && JSON.stringify(found.spec) !== JSON.stringify(spec)) await stopOne(spec.name);
    if (!stopping && !running.has(spec.name)) start(spec);
  }
}

async function stopAll(): Promise<void> {
  if (stopping) return;
  stopping = true;
  for (const name of STOP_ORDER) await stopOne(name);
  writeJson(paths.pidsFile, {});
  process.exit(0);
}

process.on("SIGTERM", () => void stopAll());
process.on("SIGINT", () => void stopAll());
tellPids();
while (!stopping) {
  await look();
  await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MILLIS));
}
