/**
 * A stack of the tests' own, started and stopped by the commands that people use: on free ports, in
 * a state directory of its own, with nothing kept from the run before.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePortBase } from "../free-ports.ts";

const root = join(import.meta.dirname, "../../..");
const node = join(root, "node_modules/.bin/node");
const run = promisify(execFile);
const PORTS = 4;

/** vitest's global setup: the environment that is set here reaches every test file. */
export async function setup(): Promise<() => Promise<void>> {
  const stop = await startStackUnderTest("e2e");
  try {
    const { startTicking } = await import("./ticking-unit.ts");
    await startTicking();
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/**
 * Starts a fresh stack whose state is in `.local/<name>` and points this process at it: whatever
 * reads `local/stack-file.ts` afterwards finds it. `stop` ends it and waits for it; the state
 * stays, to be looked at.
 */
export async function startStackUnderTest(name: string): Promise<() => Promise<void>> {
  const { stateDir, release } = claimStateDir(name);
  process.env.INLET_STATE_DIR = stateDir;
  const stop = () => script("stop.ts", []).finally(release);
  await script("stop.ts", []);
  rmSync(stateDir, { recursive: true, force: true });
  process.env.INLET_PORT_BASE = String(await freePortBase(PORTS));

  try {
    await script("start.ts", ["--no-job"]);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/**
 * `.local/<name>`, or `.local/<name>-2` and so on while other runs of the tests, in this checkout,
 * have those before it.
 */
function claimStateDir(name: string): { stateDir: string; release: () => void } {
  mkdirSync(join(root, ".local"), { recursive: true });
  for (let n = 1; ; n++) {
    const stateDir = join(root, ".local", n === 1 ? name : `${name}-${n}`);
    const owner = `${stateDir}.owner`;
    if (isFree(owner)) {
      writeFileSync(owner, String(process.pid));
      return { stateDir, release: () => rmSync(owner, { force: true }) };
    }
  }
}

function isFree(owner: string): boolean {
  try {
    process.kill(Number(readFileSync(owner, "utf8")), 0);
    return false;
  } catch {
    return true;
  }
}

async function script(name: string, args: readonly string[]): Promise<void> {
  // What a test runner sets for itself is no part of the stack's environment.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^(VITEST|NODE_ENV$|TEST$)/.test(key)),
  );
  await run(node, [join(root, "local", name), ...args], { cwd: root, env });
}
