/** `--watch`: shows on standard error how a run, a collection or a probe gets on. */
import type { ApiClient } from "../client/api-client.ts";
import { follow, type Work } from "../client/follow.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { Io, Out } from "./io.ts";
import { printable } from "./printable.ts";
import { bar, FULL_BAR, progressLine } from "./progress.ts";
import { inCommands } from "./remedy.ts";

const REDRAW_MILLIS = 120;

/** A line that moves on a terminal; elsewhere a line per change. */
export async function watch(
  api: ApiClient,
  started: Work,
  { stderr }: Pick<Io, "stderr">,
): Promise<Work> {
  const show =
    stderr.width === undefined ? changes(stderr) : movingLine(stderr, stderr.width, started);
  try {
    return await follow(api, started, { onChange: show.update });
  } finally {
    show.end();
  }
}

/** 0 when it ended as it should: a cancelled run is what `runs cancel` asked for. */
export function exitCodeOfEnd({ item }: Work, operationId: string): ExitCode {
  const wanted = operationId === "cancelRun" ? "CANCELLED" : "COMPLETE";
  return item.status === wanted ? EXIT.ok : EXIT.notComplete;
}

/**
 * Why it did not end `COMPLETE`: the error with its remedy, and what spoke against completeness.
 */
export function reasonsOf({ kind, item }: Work): string[] {
  const known = Object.fromEntries(
    Object.entries(item).filter((entry): entry is [string, string] => isText(entry[1])),
  );
  const evidence = kind === "run" ? (item.evidence ?? []) : [];

  const reasons = [
    ...(item.error ? [`${inCommands(item.error.message, known)} (${item.error.code})`] : []),
    ...evidence.map(({ message }) => inCommands(message, known)),
  ];
  return [`${kind} ended ${item.status}`, ...reasons.map((reason) => `  ${reason}`)].map(printable);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function changes(stderr: Out) {
  let last = "";
  return {
    update: (work: Work) => {
      const change = changeOf(work);
      if (change !== last) stderr.write(`${progressLine(work, new Date())}\n`);
      last = change;
    },
    end: () => {},
  };
}

/** What is worth a line of its own when it changes. */
function changeOf({ kind, item }: Work): string {
  const tried = kind === "run" ? item.progress : kind === "collection" ? item : undefined;
  const figuresAt = kind === "run" ? item.progress?.updatedAt : undefined;
  return `${item.status} ${figuresAt} ${tried?.attempt} ${tried?.nextAttemptAt}`;
}

function movingLine(stderr: Out, width: number, started: Work) {
  let work = started;
  let tick = 0;
  const draw = () => {
    const shown = work.item.finishedAt === null ? bar(tick++) : FULL_BAR;
    stderr.write(`\r\u001b[2K${`${shown}  ${progressLine(work, new Date())}`.slice(0, width - 1)}`);
  };
  const timer = setInterval(draw, REDRAW_MILLIS);
  return {
    update: (now: Work) => {
      work = now;
      draw();
    },
    end: () => {
      clearInterval(timer);
      stderr.write("\n");
    },
  };
}
