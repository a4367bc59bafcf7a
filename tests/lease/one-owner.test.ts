import fc, { type Scheduler } from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  advanceCheckpoint,
  settlePendingSlice,
} from "../../adapters/dynamodb/checkpoints/advance.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { clearMark, findMarked } from "../../adapters/dynamodb/pending/marks.ts";
import { completeRun, failRun } from "../../adapters/dynamodb/runs/end.ts";
import { waitsForBridge } from "../../adapters/dynamodb/runs/lease.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { saveUnitConfig } from "../../adapters/dynamodb/units/config-store.ts";
import { findStoredUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { scheduledRunId, workflowId } from "../../adapters/temporal/workflow-ids.ts";
import { START_DEADLINE_MS } from "../../core/lease.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import type {
  IngestionRunInput,
  RunPlan,
  RunUnitResult,
  StartResult,
} from "../../schemas/activities.ts";
import type { Deps } from "../../worker/activities/deps.ts";
import { startIngestionRun } from "../../worker/activities/start-ingestion-run.ts";
import { aUnitConfig, ENDPOINT, SINK, UNIT } from "../histories/nouns.ts";
import { aCommit } from "../histories/python.ts";
import { aTenantAtWork } from "../histories/stage.ts";
import { testTables } from "../stage/emulator.ts";
import { savePending } from "../stage/played-unit.ts";
import { QUOTAS } from "../stage/quotas.ts";
import { Sink, Witness } from "./witness.ts";

/** `npm run test:kill` asks for more of them, from a seed that it prints. */
const WALKS = Number(process.env.INLET_WALKS ?? 10);
const SEED = Number(process.env.INLET_SEED ?? 20261121);
const WALK_SECONDS = 15;
const SLICES = 2;
/** A restore takes minutes: every clock is past what was written before. */
const RESTORE_MS = 60_000;

let tables: Tables;
beforeAll(async () => {
  tables = await testTables();
});

/** What becomes of a process after so many of its steps. */
interface Fate {
  /**
   * `dies`: it does nothing more. `stalls`: Temporal gives it up, and it goes on as if nothing
   * were.
   */
  readonly becomes: "lives" | "dies" | "stalls";
  readonly after: number;
  /** Its clock is wrong by so much. */
  readonly skewMs: number;
  /** `mark`: it was queued before, and is passed on now. */
  readonly startedBy: "tick" | "hand" | "mark";
}
class Died extends Error {}
/**
 * A restore makes new tables: what was begun on the old ones ends there, and Temporal tries the
 * activity again.
 */
class Moved extends Error {}

const fate = fc.record<Fate>({
  becomes: fc.constantFrom("lives", "dies", "stalls"),
  after: fc.integer({ min: 1, max: 40 }),
  skewMs: fc.integer({ min: -2_000, max: 2_000 }),
  startedBy: fc.constantFrom("tick" as const, "hand" as const),
});

describe("a unit under any interleaving of start, tick, crash, takeover and restore, step by step on the real tables", () => {
  it(
    "never has two owners, and a checkpoint that never goes back and is never ahead of a commit",
    async () => {
      const walked = { taken: 0, published: 0, restored: 0 };
      await fc.assert(
        fc.asyncProperty(
          fc.scheduler(),
          fc.array(fate, { minLength: 2, maxLength: 4 }),
          fc.boolean(),
          async (scheduler, fates, restores) => {
            const witness = await walk(scheduler, fates, restores);
            for (const name of ["taken", "published", "restored"] as const)
              walked[name] += witness.seen[name];
            expect(witness.faults).toEqual([]);
          },
        ),
        { numRuns: WALKS, seed: SEED, endOnFailure: true },
      );
      for (const count of Object.values(walked)) expect(count).toBeGreaterThan(0);
    },
    WALKS * WALK_SECONDS * 1000,
  );
});

let tenants = 0;
async function walk(
  scheduler: Scheduler,
  fates: readonly Fate[],
  restores: boolean,
): Promise<Witness> {
  const tenantId = `o${++tenants}`;
  await aTenantAtWork(tables, tenantId);
  await saveUnitConfig(tables, tenantId, aUnitConfig(), undefined, {
    actor: "anna",
    action: "config.create",
  });
  const sink = new Sink();
  const witness = new Witness(tables, tenantId, sink);
  const clock = { aheadMs: 0, restores: 0 };
  const open = new Set<string>();
  await witness.keep();
  const processes = fates.map((one, nth) =>
    aProcess({ tenantId, sink, witness, scheduler, open, clock }, one, nth),
  );
  if (restores) processes.push(aRestore(scheduler, witness, clock));
  await scheduler.waitFor(Promise.all(processes));
  await recover({ tenantId, sink, witness, scheduler, open, clock });
  return witness;
}

const QUIET_MS = 2 * START_DEADLINE_MS;

/**
 * Whatever was left behind: the reconciler passes on a queued run that still has its mark, and the
 * next tick lands.
 */
async function recover(stage: Stage): Promise<void> {
  const { tenantId, scheduler, open, clock } = stage;
  const unit = [tenantId, ENDPOINT, UNIT] as const;
  const lives: Fate = { becomes: "lives", after: 0, skewMs: 0, startedBy: "tick" };
  clock.aheadMs += QUIET_MS;
  open.clear();
  const left = await findStoredUnitState(tables, ...unit);
  if (left && (await waitsForBridge(tables, left)) && left.lease.state === "QUEUED") {
    const { runId } = left.lease;
    await scheduler.waitFor(
      aProcess(stage, { ...lives, startedBy: "mark" }, Number(runId.replace("run_", ""))),
    );
  }
  await scheduler.waitFor(aProcess(stage, lives, 59));
  expect(await findStoredUnitState(tables, ...unit)).toMatchObject({
    lease: { state: "FREE" },
    lastStatus: "COMPLETE",
    settleRunId: null,
    lastRunId: scheduledRunId(tickOfNth(tenantId, 59)),
  });
}

const tickOfNth = (tenantId: string, nth: number) =>
  `${workflowId.scheduledRun(tenantId, ENDPOINT, UNIT)}-2026-11-21T10:${String(nth).padStart(2, "0")}:00Z`;

/** Somewhere among the steps of the others: the tables are kept, and later put back. */
async function aRestore(scheduler: Scheduler, witness: Witness, clock: Clock): Promise<void> {
  await scheduler.schedule(Promise.resolve());
  await inTurn(scheduler, () => witness.keep());
  for (let wait = 0; wait < 6; wait++) await scheduler.schedule(Promise.resolve());
  await inTurn(scheduler, async () => {
    clock.aheadMs += RESTORE_MS;
    clock.restores++;
    await witness.restore();
  });
}

interface Clock {
  aheadMs: number;
  restores: number;
}

interface Stage {
  readonly tenantId: string;
  readonly sink: Sink;
  readonly witness: Witness;
  readonly scheduler: Scheduler;
  readonly open: Set<string>;
  readonly clock: Clock;
}

/** A run from its start to its end, as its workflow drives it, until its fate. */
async function aProcess(
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
async function inTurn<T>(scheduler: Scheduler, act: () => Promise<T>): Promise<T> {
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

interface Process extends Stage {
  readonly own: Tables;
  readonly now: () => Date;
  readonly id: string;
  readonly runId: string | null;
  readonly step: <T>(act: () => Promise<T>) => Promise<T>;
  /** One activity, as often as it takes. */
  readonly attempt: <T>(act: () => Promise<T>) => Promise<T>;
}

/** `POST /runs`, and the bridge that passes it on. */
async function isQueued({
  own,
  now,
  tenantId,
  runId,
  open,
  id,
  attempt,
}: Process): Promise<boolean> {
  const unit = {
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    sinkId: SINK,
    connector: "jira",
  } as const;
  const asked = {
    ...unit,
    mode: "INCREMENTAL",
    trigger: "MANUAL",
    actor: "anna",
    runId: runId ?? "",
  } as const;
  try {
    await attempt(() => queueRun(own, { ...asked, now: now() }));
  } catch (error) {
    if (error instanceof Died) throw error;
    return false;
  }
  open.add(id);
  await attempt(async () => {
    const marked = await findMarked(own, keys.run(tenantId, runId ?? ""));
    if (marked) await clearMark(own, marked);
  });
  return true;
}

async function drive({
  own,
  now,
  tenantId,
  runId,
  open,
  id,
  sink,
  step,
  attempt,
}: Process): Promise<void> {
  const deps: Deps = {
    tables: own,
    environment: "test",
    defaultQuotas: QUOTAS,
    now,
    isWorkflowOpen: async (one) => open.has(one),
    readStaged: async () => new Uint8Array(),
  };
  const trigger = runId === null ? "SCHEDULE" : "MANUAL";
  const input: IngestionRunInput = {
    tenantId,
    endpointId: ENDPOINT,
    unitId: UNIT,
    runId,
    trigger,
    resume: null,
  };
  const start = await attempt(() => startIngestionRun(deps, input, id));
  if (start.outcome === "SKIP") return;
  let plan = await settle(start);
  for (let slice = 0; slice < SLICES; slice++) {
    const result = aCommit(
      { plan, slice, continuation: null },
      { rows: 10, done: slice === SLICES - 1 },
    );
    const figures = { plan, stats: NO_STATS, evidence: [] };
    await attempt(() => leavePending(own, figures.plan, result));
    await attempt(() =>
      step(async () =>
        sink.commit(figures.plan.epoch, `${plan.runId}/${slice}`, positionOf(result)),
      ),
    );
    if (result.done)
      await attempt(() => completeRun(own, { ...figures, committed: result }, now()));
    else plan = await attempt(() => advanceCheckpoint(own, { ...figures, result }, now()));
  }

  async function settle(begun: Exclude<StartResult, { outcome: "SKIP" }>): Promise<RunPlan> {
    if (begun.outcome === "RUN") return begun.plan;
    const { pending, pendingRunId } = begun;
    const committed = await attempt(() =>
      step(async () => sink.ask(begun.plan.epoch, pending.commitId)),
    );
    const answer = { committed, artifact: null, stats: {} };
    return attempt(() =>
      settlePendingSlice(own, { plan: begun.plan, pending, pendingRunId, answer }, now()),
    );
  }
}

const positionOf = ({ nextCheckpoint }: RunUnitResult) => nextCheckpoint?.position ?? 0;

/** As the data plane does before it commits. */
async function leavePending(
  own: Tables,
  plan: RunPlan,
  { slice, nextCheckpoint }: RunUnitResult,
): Promise<void> {
  const { runId, epoch } = plan;
  await savePending(own, plan, {
    slice,
    commitId: `${runId}/${slice}`,
    epoch,
    nextCheckpoint,
    stats: {},
  });
}

/** What a workflow does with a failure: it gives the unit back, if it still has it. */
async function giveUp({ own, now, tenantId, runId, attempt }: Process, id: string): Promise<void> {
  const known = runId ?? scheduledRunId(id);
  const run = { tenantId, endpointId: ENDPOINT, unitId: UNIT, runId };
  const error = { code: "INTERNAL", message: "It went wrong.", retryable: true } as const;
  const failed = { run, runId: known, cancelled: false, error, stats: NO_STATS, evidence: [] };
  await attempt(() => failRun(own, failed, now())).catch(() => undefined);
}
