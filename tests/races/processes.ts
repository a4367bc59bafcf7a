/** Processes of callers, told of each round by a line and answering by one. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { RaceSettings } from "./stage.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface Round {
  readonly nowMs: number;
  readonly callers: number;
}
export type RoundAnswer =
  | { readonly version: string; readonly token: string }
  | { readonly error: string };

interface Callers {
  /** Answers once the process has answered. */
  readonly say: (line: object) => Promise<unknown>;
  readonly ask: (round: Round & { readonly reference: object }) => Promise<RoundAnswer[]>;
  readonly end: () => void;
}

/** With a broker of its own. */
export async function typescript(settings: RaceSettings): Promise<Callers> {
  const env = { ...process.env, RACE: JSON.stringify(settings) };
  return callersOf(process.execPath, "tests/races/caller.ts", env);
}

/** Holders of runs, in the data plane's own code, with the broker where Lambda would be. */
export async function python(brokerUrl: string, callers: number): Promise<Callers> {
  const PYTHONPATH = join(ROOT, "python-worker/src");
  // boto3 knows the region by another name than the other clients do.
  const where = { AWS_ENDPOINT_URL: brokerUrl, AWS_DEFAULT_REGION: process.env.AWS_REGION };
  const env = { ...process.env, ...where, PYTHONPATH };
  const processOf = callersOf(join(ROOT, ".venv/bin/python"), "tests/races/caller.py", env);
  await processOf.say({ function: "broker", callers });
  return processOf;
}

function callersOf(program: string, file: string, env: NodeJS.ProcessEnv): Callers {
  const child = spawn(program, [join(ROOT, file)], { stdio: ["pipe", "pipe", "inherit"], env });
  const lines = createInterface({ input: child.stdout });

  const say = async (told: object) => {
    const line = nextLine(lines, child);
    child.stdin.write(`${JSON.stringify(told)}\n`);
    return JSON.parse(await line);
  };

  return {
    say,
    ask: say,
    end: () => child.stdin.end(),
  };
}

function nextLine(lines: Interface, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("A process of callers ended in a round."));
    child.once("exit", ended);
    lines.once("line", (line) => {
      child.off("exit", ended);
      resolve(line);
    });
  });
}
