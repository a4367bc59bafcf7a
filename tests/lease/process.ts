import type { Scheduler } from "fast-check";
import { workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { ENDPOINT, UNIT } from "../histories/nouns.ts";
import { Died, type Fate, Moved, type Stage } from "./at-work.ts";
import { drive, giveUp, isQueued } from "./drive.ts";

/** Workflow id of the schedule's nth tick. */
export function tickOfNth(tenantId: string, nth: number): string {
  const minute = String(nth).padStart(2, "0");
  return `${workflowId.scheduledRun(tenantId, ENDPOINT, UNIT)}-2026-11-21T10:${minute}:00Z`;
}

/** A run from its start to its end, as its workflow drives it, until its fate. */
export async function aProcess(
  stage: Stage,
  { becomes, after, skewMs, startedBy }: Fate,
  nth: number,
): Promise<void> {
  const { tenantId, scheduler, open, clock } = stage;
  const runId = `run_${nth}`;
  const id = startedBy === "tick" ? tickOfNth(tenantId, nth) : workflowId.run(tenantId, runId);
  let steps = 0;
  let onRestore = clock.restores;

  const step = <T>(act: () => Promise<T>): Promise<T> => {
    if (++steps === after) {
      if (becomes !== "lives") open.delete(id);
      if (becomes === "dies") throw new Died();
    }
    return inTurn(scheduler, () =>
      onRestore === clock.restores ? act() : Promise.reject(new Moved()),
    );
  };

  const attempt = async <T>(act: () => Promise<T>): Promise<T> => {
    for (;;) {
      onRestore = clock.restores;
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof Moved)) throw error;
      }
    }
  };

  const own = stage.witness.watched((send) => (command) => step(() => send(command)));
  const now = () => new Date(Date.now() + clock.aheadMs + skewMs);
  const run = { ...stage, own, now, id, step, attempt, runId: startedBy === "tick" ? null : runId };

  try {
    if (startedBy === "hand" && !(await isQueued(run))) return;
    open.add(id);
    await drive(run);
  } catch (error) {
    if (!(error instanceof Died)) await giveUp(run, id);
  } finally {
    open.delete(id);
  }
}

/**
 * Begins when it is drawn and ends before anything else begins: a sequence of one, since
 * `scheduleFunction` would call at once and schedule only what comes of it. What it throws is the
 * process's own business, not the scheduler's.
 */
export async function inTurn<T>(scheduler: Scheduler, act: () => Promise<T>): Promise<T> {
  const drawn: { done?: { value: T } | { error: unknown } } = {};
  const builder = async () => {
    drawn.done = await act().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
  };
  await scheduler.scheduleSequence([{ label: "step", builder }]).task;
  const { done } = drawn;
  if (!done) throw new Error("The scheduler ended before this step was drawn.");
  if ("error" in done) throw done.error;
  return done.value;
}
