/** One child process that evaluates expressions (`child/main.ts`), from the outside. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { childFiles } from "./child-files.ts";
import { type Cap, frame, frameReader, type Question, type Reply } from "./messages.ts";

/** The child was ended in the middle of a question. */
export class Ended extends Error {
  /** Undefined when no cap explains it. */
  readonly cap: Cap | undefined;

  constructor(cap: Cap | undefined) {
    super(`The child ended (${cap ?? "by itself"}).`);
    this.cap = cap;
  }
}

export interface Answered {
  readonly reply: Reply;
  /** JSON; empty when there is none. */
  readonly output: string;
}

export interface ExpressionProcess {
  /**
   * Asks one question; the next may follow when it was answered. Throws `Ended` when the child
   * exceeded a cap: it is dead then.
   */
  ask(question: Question, input: string): Promise<Answered>;
  isAlive(): boolean;
  end(): void;
}

/** A megabyte of JSON is some ten in memory; a child whose heap is larger is aborted. */
const HEAP_FLAGS = ["--max-old-space-size=128", "--max-semi-space-size=8"];
const LARGEST_HEADER_BYTES = 8_192;
/** A busy machine starts a process in seconds. */
const START_MS = 20_000;

interface Waiting {
  readonly take: (answered: Answered) => void;
  readonly fail: (error: Ended) => void;
  readonly maxOutputBytes: number;
}

/** Starts a child, and waits until it says that it is there. Throws `Ended` when it does not. */
export async function startExpressionProcess(): Promise<ExpressionProcess> {
  const child = spawnChild();
  let alive = true;
  let waiting: Waiting | undefined;

  const settle = (done: (one: Waiting) => void) => {
    const one = waiting;
    waiting = undefined;
    if (one) done(one);
  };
  const end = (cap: Cap | undefined) => {
    alive = false;
    child.kill("SIGKILL");
    settle(({ fail }) => fail(new Ended(cap)));
  };
  const wait = (timeoutMs: number, maxOutputBytes: number) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answered>();
    const timer = setTimeout(() => end("TIME"), timeoutMs);
    waiting = { take: resolve, fail: reject, maxOutputBytes };
    return promise.finally(() => clearTimeout(timer));
  };

  const read = answerReader(
    () => waiting?.maxOutputBytes ?? 0,
    (answered) => settle(({ take }) => take(answered)),
  );
  child.stdout?.on("data", (chunk: Buffer) => {
    try {
      read(chunk);
    } catch {
      end("OUTPUT");
    }
  });
  // A full heap aborts it. Only a mistake of ours makes it end with a status.
  child.once("exit", (status) => end(status === null ? "MEMORY" : undefined));
  child.once("error", () => end(undefined));
  child.stdin?.on("error", () => {});

  await wait(START_MS, 0);
  return {
    ask: (question, input) => {
      const answered = wait(question.caps.timeoutMs, question.caps.maxOutputBytes);
      child.stdin?.write(Buffer.concat([frame(JSON.stringify(question)), frame(input)]));
      return answered;
    },
    isAlive: () => alive,
    end: () => end(undefined),
  };
}

function answerReader(mostOutputBytes: () => number, onAnswer: (answered: Answered) => void) {
  let reply: Reply | undefined;

  return frameReader(
    (text) => {
      if (!reply) {
        reply = JSON.parse(text) as Reply;
        return;
      }
      const answered = { reply, output: text };
      reply = undefined;
      onAnswer(answered);
    },
    () => (reply ? mostOutputBytes() : LARGEST_HEADER_BYTES),
  );
}

/** Nothing of ours goes with it: no environment, no files but its code, no open connection. */
function spawnChild(): ChildProcess {
  const { entry, library, readable } = childFiles();
  const { LD_LIBRARY_PATH } = process.env;
  const child = spawn(
    process.execPath,
    [
      ...HEAP_FLAGS,
      "--disallow-code-generation-from-strings",
      "--disable-proto=delete",
      "--permission",
      ...readable.map((path) => `--allow-fs-read=${path}`),
      entry,
      library,
    ],
    {
      cwd: "/",
      // The engine of a function is linked to libraries that this names.
      env: { TZ: "UTC", ...(LD_LIBRARY_PATH !== undefined && { LD_LIBRARY_PATH }) },
      stdio: ["pipe", "pipe", "ignore"],
    },
  );

  // A process that has nothing else to do may end; whoever waits has a timer.
  child.unref();
  for (const stream of [child.stdin, child.stdout]) (stream as Socket | null)?.unref();
  return child;
}
