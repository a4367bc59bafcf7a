/** The process around the commands: streams, exit code, and every error said once. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { CommanderError } from "commander";
import { RefusedError } from "../client/errors.ts";
import { AskedError, NoAnswerError } from "./api.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import { invoke } from "./invoke.ts";
import type { Io, Out } from "./io.ts";
import { printable } from "./printable.ts";
import { problemText } from "./problem-text.ts";
import { programOf } from "./program.ts";
import type { Known } from "./remedy.ts";
import { UsageError } from "./usage-error.ts";

const { env } = process;

const io: Io = {
  env,
  cwd: process.cwd(),
  stdout: outOf(process.stdout),
  stderr: outOf(process.stderr),
  readText,
  ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
};

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // `inlet runs list | head`: who reads has read enough.
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.bug);
});
process.once("SIGINT", () => {
  io.stderr.write("\nInterrupted. What was started goes on: look with `inlet runs list`.\n");
  process.exit(EXIT.interrupted);
});

let exitCode: ExitCode = EXIT.ok;
/** What was typed for the arguments of the command: a remedy names it again. */
let known: Known = {};
const asksForJson = process.argv.includes("--json");
const program = programOf(async (command, args, typed) => {
  known = Object.fromEntries(command.args.map((name, at) => [name, args[at] ?? ""]));
  exitCode = await invoke(command, args, typed, io);
}, io);
try {
  await program.parseAsync(process.argv);
} catch (error) {
  exitCode = report(error);
}
process.exitCode = exitCode;

/** Says what went wrong on standard error. */
function report(error: unknown): ExitCode {
  // Commander has said it already, or was asked for help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof RefusedError) {
    const { problem } = error;
    const target = error instanceof AskedError ? error.target : undefined;
    const text = asksForJson
      ? JSON.stringify(problem, null, 2)
      : problemText(problem, target, known);
    io.stderr.write(`${text}\n`);
    return exitCodeOf(problem.status);
  }
  const reasons = error instanceof UsageError ? error.reasons.map((reason) => `  - ${reason}`) : [];
  io.stderr.write(
    `${[`error: ${(error as Error).message}`, ...reasons].map(printable).join("\n")}\n`,
  );
  if (error instanceof UsageError) return EXIT.usage;
  return error instanceof NoAnswerError ? EXIT.server : EXIT.bug;
}

function outOf(stream: NodeJS.WriteStream): Out {
  const color = stream.isTTY && !env.NO_COLOR && env.TERM !== "dumb";
  return {
    write: (text) => stream.write(text),
    width: stream.isTTY ? stream.columns : undefined,
    color,
  };
}

function readText(source: string): string {
  try {
    return readFileSync(source === "-" ? 0 : source, "utf8");
  } catch {
    throw new UsageError(`${source} cannot be read. Check the path.`);
  }
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
