/** What the supervisor keeps running, and the two files by which it takes orders and reports. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paths, root } from "./paths.ts";

export const SUPERVISOR = join(root, "local/supervisor.ts");

export interface ProcessSpec {
  readonly name: "ministack" | "temporal" | "sandbox" | "typescriptWorker" | "pythonWorker";
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** pid by process name, the supervisor's included. */
export type Pids = Partial<Record<ProcessSpec["name"] | "supervisor", number>>;

export function readSpecs(): ProcessSpec[] {
  return readJson(paths.processesFile) ?? [];
}

/** Adds or replaces processes; the supervisor starts what is new and restarts what changed. */
export function wantProcesses(...specs: ProcessSpec[]): void {
  const others = readSpecs().filter((known) => !specs.some((spec) => spec.name === known.name));
  writeJson(paths.processesFile, [...others, ...specs]);
}

export function readPids(): Pids {
  return readJson(paths.pidsFile) ?? {};
}

/**
 * The pid under which `name` runs now. After a reboot the number may be another program's: so its
 * command line is asked.
 */
export function runningPid(name: ProcessSpec["name"] | "supervisor"): number | undefined {
  const pid = readPids()[name];
  const ours =
    name === "supervisor" ? SUPERVISOR : readSpecs().find((spec) => spec.name === name)?.command;
  return pid !== undefined && ours !== undefined && commandLine(pid).includes(ours)
    ? pid
    : undefined;
}

/** Empty when nothing runs under the number, or only its exit status is left. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/**
 * Replaces the file at once, so that a reader never sees half of it. Readable by its owner only: it
 * may hold keys.
 */
export function writeJson(file: string, value: unknown): void {
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}

export function readJson<T>(file: string): T | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T) : undefined;
}
