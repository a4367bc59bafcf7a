/**
 * The children of this process: one is kept warm, more are started while several expressions run at
 * once and kept for a while, and whichever was ended is replaced.
 */
import { DomainError } from "../../schemas/errors.ts";
import {
  type Answered,
  type ExpressionProcess,
  startExpressionProcess,
} from "./expression-process.ts";
import type { Question } from "./messages.ts";

/** Each is some 100 MB, and a core while it works. */
const MOST_CHILDREN = 4;
/** Who comes behind so many others is refused: the callers' time would be up before their turn. */
const MOST_WAITING = 64;
/** Of those beside the first, that nobody asks any more. */
const KEPT_MS = 30_000;

export interface ExpressionPool {
  /** Throws `Ended` for what exceeded a cap, `WORKER_BUSY` when too many wait. */
  ask(question: Question, input: string): Promise<Answered>;
}

export function expressionPool(start = startExpressionProcess): ExpressionPool {
  const idle: ExpressionProcess[] = [];
  const turns: (() => void)[] = [];
  let working = 0;
  let warming: Promise<ExpressionProcess> | undefined;

  const ask = async (question: Question, input: string): Promise<Answered> => {
    await turn();
    let child: ExpressionProcess | undefined;
    try {
      child = living() ?? (await started());
      return await child.ask(question, input);
    } finally {
      release(child);
    }
  };

  /** Resolves when one more may work. */
  const turn = async () => {
    if (working < MOST_CHILDREN) {
      working++;
      return;
    }
    if (turns.length >= MOST_WAITING) throw tooBusy();
    await new Promise<void>((resolve) => turns.push(resolve));
  };

  const living = () => {
    for (let one = idle.pop(); one; one = idle.pop()) if (one.isAlive()) return one;
    return undefined;
  };

  /** The one that is being started for whoever comes next, or another. */
  const started = () => {
    const one = warming ?? start();
    warming = undefined;
    return one;
  };

  const release = (child: ExpressionProcess | undefined) => {
    if (child?.isAlive()) {
      idle.push(child);
      if (idle.length > 1) setTimeout(retire, KEPT_MS).unref();
    } else if (child && working === 1) {
      warm();
    }

    // A turn is handed on, and given back only when nobody waits for it.
    const next = turns.shift();
    if (next) next();
    else working--;
  };

  /** The last one that worked stays. */
  const retire = () => {
    if (working === 0 && idle.length > 1) idle.shift()?.end();
  };

  /** So that whoever comes after a kill waits less. */
  const warm = () => {
    const one = start();
    warming = one;
    one.then(
      (child) => {
        if (warming !== one) return;
        warming = undefined;
        idle.push(child);
      },
      () => {
        if (warming === one) warming = undefined;
      },
    );
  };

  return { ask };
}

function tooBusy(): DomainError {
  const remedy = "Repeat the call in a moment.";
  return new DomainError("WORKER_BUSY", `Too many transforms are waiting. ${remedy}`);
}
