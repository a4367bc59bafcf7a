import {
  advanceCheckpoint,
  settlePendingSlice,
} from "../../adapters/dynamodb/checkpoints/advance.ts";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { keys } from "../../adapters/dynamodb/keys.ts";
import { clearMark, findMarked } from "../../adapters/dynamodb/pending/marks.ts";
import { completeRun, failRun } from "../../adapters/dynamodb/runs/end.ts";
import { queueRun } from "../../adapters/dynamodb/runs/queue.ts";
import { scheduledRunId } from "../../adapters/temporal/workflow-ids.ts";
import { NO_STATS } from "../../core/run-stats.ts";
import type { IngestionRunInput, RunPlan, StartResult } from "../../schemas/run-plan.ts";
import type { RunUnitResult } from "../../schemas/run-unit.ts";
import type { Deps } from "../../worker/activities/deps.ts";
import { startIngestionRun } from "../../worker/activities/start-ingestion-run.ts";
import { ENDPOINT, SINK, UNIT } from "../histories/nouns.ts";
import { aCommit } from "../histories/python.ts";
import { savePending } from "../stage/played-unit.ts";
import { QUOTAS } from "../stage/quotas.ts";
import { Died, type Process } from "./at-work.ts";

const SLICES = 2;

/** `POST /runs`, and the bridge that passes it on. */
export async function isQueued({
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

export async function drive({
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
    grantKey: new Uint8Array(32),
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
    stats: NO_STATS,
  });
}

/** What a workflow does with a failure: it gives the unit back, if it still has it. */
export async function giveUp(
  { own, now, tenantId, runId, attempt }: Process,
  id: string,
): Promise<void> {
  const known = runId ?? scheduledRunId(id);
  const run = { tenantId, endpointId: ENDPOINT, unitId: UNIT, runId };
  const error = { code: "INTERNAL", message: "It went wrong.", retryable: true } as const;
  const failed = { run, runId: known, cancelled: false, error, stats: NO_STATS, evidence: [] };
  await attempt(() => failRun(own, failed, now())).catch(() => undefined);
}
