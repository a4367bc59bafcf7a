/**
 * One run of one unit: take the unit, settle what the run before left open, land slice by slice,
 * give the unit back.
 */
import {
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  continueAsNew,
  isCancellation,
  log,
  patched,
  workflowInfo,
} from "@temporalio/workflow";
import { MOST_ATTEMPTS, waitLine } from "../../core/attempts.ts";
import { addEnriched, enrichedSlice, NOTHING_ENRICHED } from "../../core/knowledge-enrichment.ts";
import { orderOf } from "../../core/merge-window.ts";
import { mergeEvidence } from "../../core/run-outcome.ts";
import { addStats, NO_STATS } from "../../core/run-stats.ts";
import type { EnrichResult, Setback, WaitInput } from "../../schemas/activities.ts";
import type { RunStatus } from "../../schemas/run.ts";
import type {
  IngestionRunInput,
  RunPlan,
  StartResult,
  WindowState,
} from "../../schemas/run-plan.ts";
import type { RunUnitResult } from "../../schemas/run-unit.ts";
import {
  attemptActivities,
  controlActivities,
  dataActivities,
  enrichActivities,
  priorityOf,
  sinkActivities,
} from "./activities.ts";
import { persist } from "./attempts.ts";
import { failed, failureOf } from "./failures.ts";
import { hearClosing, noteSlice, OPENED, rest, waitUnlessLanding } from "./merge-window.ts";

export interface IngestionRunResult {
  /** Null when a scheduled run was skipped before it had an id. */
  runId: string | null;
  status: RunStatus;
}

type State = NonNullable<IngestionRunInput["resume"]> & { window: WindowState };
type Activities = ReturnType<typeof activitiesFor>;

/**
 * Slices per history: each adds about a dozen events, and a history is replayed whole by whoever
 * takes over.
 */
const SLICES_PER_HISTORY = 20;
/**
 * Executions that began before it have their attempts counted by Temporal, which shows none of
 * them.
 */
const OUR_ATTEMPTS = "attempts-are-shown";
/** Executions that began before it have plans without grants. */
const GRANTS = "plans-have-grants";
const SHORT_WAIT_MS = 5_000;

export async function ingestionRunWorkflow(input: IngestionRunInput): Promise<IngestionRunResult> {
  const activities = activitiesFor(input);
  const window = input.resume?.window ?? { ...OPENED };
  const state: { current: State | null } = { current: input.resume && { ...input.resume, window } };
  hearClosing(window);

  try {
    if (!state.current) {
      const start = await activities.control.startIngestionRun(input);
      if (start.outcome === "SKIP") return { runId: start.runId, status: "SKIPPED" };
      state.current = startState(start.plan, window);
      state.current.plan = await settle(activities, start);
    }

    const last = await landSlices(activities, input, state.current);
    return await complete(activities, state.current, last);
  } catch (caught) {
    if (caught instanceof ContinueAsNew) throw caught;
    // An activity that was about to fail when the cancel reached it ends as a failure: the run was
    // cancelled all the same.
    const ended = CancellationScope.current().consideredCancelled ? cancellationOf(caught) : caught;
    return await CancellationScope.nonCancellable(() =>
      giveBack(activities, input, state.current, ended),
    );
  }
}

/**
 * Runs slices until the source is exhausted; answers the last one when its checkpoint is still to
 * be published.
 */
async function landSlices(
  activities: Activities,
  input: IngestionRunInput,
  state: State,
): Promise<RunUnitResult | null> {
  for (let done = 0; ; done++) {
    if (done === SLICES_PER_HISTORY || workflowInfo().continueAsNewSuggested) {
      await renewed(input, state);
    }

    state.plan = await granted(activities, state.plan);
    const { plan } = state;
    const read = await readSlice(activities, input, state);
    const result = await enriched(activities, plan, read);
    account(state, result);

    const committed = result.outcome === "COMMITTED";
    if (result.done) return committed ? result : null;
    if (committed) await advance(activities, state, result);
    if (result.outcome === "STAGED") await rest(activities.control, plan, state.window);
    else await wait(activities, state, result);
  }
}

/** One slice, tried until it is read or cannot get better by itself. */
function readSlice(
  activities: Activities,
  input: IngestionRunInput,
  state: State,
): Promise<RunUnitResult> {
  const { slice, continuation, window } = state;
  const given = () => {
    const { plan } = state;
    const only = plan.window && orderOf(plan.window, window, Date.now());
    return { plan, slice, continuation, ...(only && { only }) };
  };
  if (!patched(OUR_ATTEMPTS)) return activities.data.runIngestionUnitPythonWorker(given());

  const { plan } = state;
  const show = async (shown: Omit<WaitInput, "plan">) => {
    await activities.control.waitIngestionRun({ plan, ...shown });
  };
  return persist(() => activities.attempt.runIngestionUnitPythonWorker(given()), {
    mostAttempts: MOST_ATTEMPTS,
    pause: (waitMs) => waitUnlessLanding(plan, window, waitMs),
    show: (setback, line) => show({ waiting: waitFor(setback), setback, line }),
    async goOn(setback) {
      await show({ waiting: null, setback });
      state.plan = await granted(activities, state.plan);
      if (workflowInfo().continueAsNewSuggested) await renewed(input, state);
    },
    clear: () => show({ waiting: null, setback: null }),
  });
}

/** A plan of an earlier release has no grants, and is given some (docs/adr/0055). */
async function granted(activities: Activities, plan: RunPlan): Promise<RunPlan> {
  const given = [plan.source, plan.sink, plan.sink?.through];
  const lacks = given.some((party) => party?.credential && !party.credential.grant);
  if (!lacks || !patched(GRANTS)) return plan;
  return activities.control.grantCredentials({ plan });
}

/** Waits of a moment are not shown. */
function waitFor({ lastError, at, nextAttemptAt }: Setback): WaitInput["waiting"] {
  const isShort =
    nextAttemptAt === null || Date.parse(nextAttemptAt) - Date.parse(at) < SHORT_WAIT_MS;
  return isShort
    ? null
    : { reason: `${lastError.message} (${lastError.code})`, until: nextAttemptAt };
}

const renewed = (input: IngestionRunInput, state: State) =>
  continueAsNew<typeof ingestionRunWorkflow>({ ...input, runId: state.plan.runId, resume: state });

/**
 * A slice for the knowledge base is committed once the graph has its records; any other is passed
 * through.
 */
async function enriched(
  activities: Activities,
  plan: RunPlan,
  result: RunUnitResult,
): Promise<RunUnitResult> {
  const { enrichment, slice } = result;
  if (!enrichment) return result;

  let sums = NOTHING_ENRICHED;
  for (let from: number | null = 0; from !== null; ) {
    const done: EnrichResult = await activities.enrich.enrichKnowledgeBase({
      plan,
      slice,
      enrichment,
      from,
    });
    sums = addEnriched(sums, done);
    from = done.next;
  }

  return enrichedSlice(result, sums);
}

function account(state: State, result: RunUnitResult): void {
  state.stats = addStats(state.stats, result.stats);
  state.evidence = mergeEvidence(state.evidence, result.evidence);
  state.slice = result.slice + 1;
  state.continuation = result.continuation;
  noteSlice(state.window, result.outcome);
}

/** What the sink has must be published, whoever cancels meanwhile. */
async function advance(activities: Activities, state: State, result: RunUnitResult): Promise<void> {
  const { plan, stats, evidence } = state;
  const input = { plan, result, stats, evidence };
  state.plan = await CancellationScope.nonCancellable(() =>
    activities.control.advanceCheckpoint(input),
  );
}

/**
 * Holds no slot of any worker while the vendor wants us to wait, committed or not. A cancel wakes
 * it, and who asks what is staged to land.
 */
async function wait(activities: Activities, state: State, result: RunUnitResult): Promise<void> {
  if (!result.resumeAt) return;
  const { plan, window } = state;
  const waiting = {
    reason: result.waitReason ?? "The source asks us to wait.",
    until: result.resumeAt,
  };
  const [nowMs, untilMs] = [Date.now(), Date.parse(result.resumeAt)];
  const waitMs = Math.max(0, untilMs - nowMs);

  await activities.control.waitIngestionRun({
    plan,
    waiting,
    line: waitLine(waiting, new Date(nowMs), waitMs),
  });
  await waitUnlessLanding(plan, window, waitMs);
  await activities.control.waitIngestionRun({ plan, waiting: null });
}

async function settle(
  activities: Activities,
  start: Exclude<StartResult, { outcome: "SKIP" }>,
): Promise<RunPlan> {
  if (start.outcome === "RUN") return start.plan;
  const { plan, pending, pendingRunId } = start;
  const answer = await activities.sink.askSinkForCommit({ plan, commitId: pending.commitId });
  return activities.control.settleIngestionRun({ plan, pending, pendingRunId, answer });
}

function complete(
  activities: Activities,
  state: State,
  last: RunUnitResult | null,
): Promise<IngestionRunResult> {
  const { plan, stats, evidence, window } = state;
  const ending = { plan, committed: last, stats, evidence, restedMs: window.restedMs };
  return CancellationScope.nonCancellable(async () => {
    await closeStaging(activities, plan);
    return activities.control.completeIngestionRun(ending);
  });
}

/** Frees the unit on every path that did not complete, and ends as what happened. */
async function giveBack(
  activities: Activities,
  input: IngestionRunInput,
  state: State | null,
  caught: unknown,
): Promise<never> {
  const error = failureOf(caught);
  const cancelled = error.code === "CANCELLED";
  const { tenantId, endpointId, unitId, runId } = input;

  if (state) await closeStaging(activities, state.plan);
  await activities.control.failIngestionRun({
    run: { tenantId, endpointId, unitId, runId },
    cancelled,
    error: cancelled ? null : error,
    stats: state?.stats ?? NO_STATS,
    evidence: state?.evidence ?? [],
    restedMs: state?.window.restedMs ?? 0,
  });

  throw isCancellation(caught) ? caught : failed(error);
}

function cancellationOf(caught: unknown): unknown {
  return isCancellation(caught) ? caught : new CancelledFailure("The run was cancelled.");
}

/**
 * Rows that landed are not unlanded by a staging prefix that stays: the sweep is the net under it.
 */
async function closeStaging(activities: Activities, plan: RunPlan): Promise<void> {
  try {
    await activities.sink.closeStaging({ plan });
  } catch (caught) {
    log.warn("The staging session was not closed; the sweep removes it.", {
      code: failureOf(caught).code,
    });
  }
}

function startState(plan: RunPlan, window: WindowState): State {
  return { plan, slice: 0, continuation: null, stats: NO_STATS, evidence: [], window };
}

function activitiesFor(input: IngestionRunInput) {
  const priority = priorityOf(input.trigger, input.tenantId);
  return {
    control: controlActivities(priority),
    data: dataActivities(priority),
    attempt: attemptActivities(priority),
    enrich: enrichActivities(priority),
    sink: sinkActivities(priority),
  };
}
