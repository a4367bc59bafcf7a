/** A run's window: it reads with the ticks of its schedule, and lands at the end. */
import { condition, defineSignal, setHandler, sleep } from "@temporalio/workflow";
import { waitLine } from "../../core/attempts.ts";
import { nextReadingAt, restReason } from "../../core/merge-window.ts";
import type { TypescriptActivities } from "../../schemas/activities.ts";
import type { WindowClosing } from "../../schemas/merge-window.ts";
import { SIGNAL } from "../../schemas/names.ts";
import type { RunPlan, WindowState } from "../../schemas/run-plan.ts";
import type { RunUnitResult } from "../../schemas/run-unit.ts";

/** A window that nothing was read in yet. */
export const OPENED: WindowState = { readings: 0, isStaged: false, restedMs: 0, closing: null };

/** From now on, whoever asks the run to close its window is heard. */
export function hearClosing(window: WindowState): void {
  setHandler(defineSignal<[WindowClosing]>(SIGNAL.closeWindow), (closing) =>
    close(window, closing),
  );
}

/**
 * Waits until the next reading is due, or somebody asks the window to close. It holds no slot of
 * any worker. A unit that was changed meanwhile is not read by the plan of before.
 */
export async function rest(
  { waitIngestionRun }: Pick<TypescriptActivities, "waitIngestionRun">,
  plan: RunPlan,
  window: WindowState,
): Promise<void> {
  const nowMs = Date.now();
  const next = plan.window ? nextReadingAt(plan.window, nowMs) : new Date(nowMs);
  const waitMs = next.getTime() - nowMs;
  if (!plan.window || waitMs === 0 || isClosing(window)) return;

  const waiting = { reason: restReason(plan.window, window.readings), until: next.toISOString() };
  const line = waitLine(waiting, new Date(nowMs), waitMs);
  try {
    outdate(window, await waitIngestionRun({ plan, waiting, line, rests: true }));
    await condition(() => isClosing(window), waitMs);
  } finally {
    window.restedMs += Date.now() - nowMs;
  }
  outdate(window, await waitIngestionRun({ plan, waiting: null, rests: false }));
}

/**
 * Waits as long as a vendor or a failure wants. What is staged does not wait with it once it is
 * asked to land.
 */
export async function waitUnlessLanding(
  plan: RunPlan,
  window: WindowState,
  waitMs: number,
): Promise<void> {
  const isAsked = () => window.closing === "LAND" && window.isStaged;
  if (!plan.window || waitMs === 0 || isAsked()) await sleep(waitMs);
  else await condition(isAsked, waitMs);
}

/** What readings have staged stays so while the next one is under way. */
export function noteSlice(window: WindowState, outcome: RunUnitResult["outcome"]): void {
  if (outcome === "COMMITTED") window.isStaged = false;
  if (outcome !== "STAGED") return;
  window.isStaged = true;
  window.readings++;
}

/** The unit is another one than was planned for: nobody gets a reading by the plan of before. */
function outdate(window: WindowState, closing: WindowClosing | null): void {
  if (closing) window.closing = closing;
}

/** Who wants a reading gets it, whatever others want. */
function close(window: WindowState, closing: WindowClosing): void {
  if (window.closing !== "READ") window.closing = closing;
}

const isClosing = (window: WindowState) => window.closing !== null;
