/** `--watch`: shows on standard error how a subject gets on, and says how it ended. */
import type { Send } from "./client.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { Io, Out } from "./io.ts";
import { printable } from "./printable.ts";
import { bar, FULL_BAR, progressLine } from "./progress.ts";
import { inCommands } from "./remedy.ts";
import { type Subject, watch } from "./watch.ts";

const REDRAW_MILLIS = 120;

/** A line that moves on a terminal; elsewhere a line per change. */
export async function follow(
  send: Send,
  started: Subject,
  { stderr }: Pick<Io, "stderr">,
): Promise<Subject> {
  const show =
    stderr.width === undefined ? changes(stderr) : movingLine(stderr, stderr.width, started);
  try {
    return await watch(send, started, show.update);
  } finally {
    show.end();
  }
}

/** 0 when it ended as it should: a cancelled run is what `runs cancel` asked for. */
export function exitCodeOfEnd({ item }: Subject, operationId: string): ExitCode {
  const wanted = operationId === "cancelRun" ? "CANCELLED" : "COMPLETE";
  return item.status === wanted ? EXIT.ok : EXIT.notComplete;
}

/**
 * Why it did not end `COMPLETE`: the error with its remedy, and what spoke against completeness.
 */
export function reasonsOf({ kind, item }: Subject): string[] {
  const { error, evidence } = item as {
    error?: { code: string; message: string } | null;
    evidence?: { message: string }[];
  };
  const known = Object.fromEntries(
    Object.entries(item).filter((entry): entry is [string, string] => isText(entry[1])),
  );
  const reasons = [
    ...(error ? [`${inCommands(error.message, known)} (${error.code})`] : []),
    ...(evidence ?? []).map(({ message }) => inCommands(message, known)),
  ];
  return [`${kind} ended ${item.status}`, ...reasons.map((reason) => `  ${reason}`)].map(printable);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

interface Attempts {
  attempt?: number;
  nextAttemptAt?: string | null;
}

function changes(stderr: Out) {
  let last = "";
  return {
    update: (subject: Subject) => {
      const { status, progress } = subject.item as {
        status: string;
        progress?: Attempts & { updatedAt: string };
      };
      const { attempt, nextAttemptAt } = progress ?? (subject.item as Attempts);
      const change = `${status} ${progress?.updatedAt} ${attempt} ${nextAttemptAt}`;
      if (change !== last) stderr.write(`${progressLine(subject, new Date())}\n`);
      last = change;
    },
    end: () => {},
  };
}

function movingLine(stderr: Out, width: number, started: Subject) {
  let subject = started;
  let tick = 0;
  const draw = () => {
    const shown = subject.item.finishedAt === null ? bar(tick++) : FULL_BAR;
    stderr.write(
      `\r\u001b[2K${`${shown}  ${progressLine(subject, new Date())}`.slice(0, width - 1)}`,
    );
  };
  const timer = setInterval(draw, REDRAW_MILLIS);
  return {
    update: (now: Subject) => {
      subject = now;
      draw();
    },
    end: () => {
      clearInterval(timer);
      stderr.write("\n");
    },
  };
}
