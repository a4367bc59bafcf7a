/** Which runs can be landed again from what they staged (docs/adr/0012). */

import { DomainError } from "../schemas/errors.ts";
import { policyOf } from "../schemas/policy.ts";
import type { Run } from "../schemas/run.ts";
import type { RunPlan } from "../schemas/run-plan.ts";
import type { Mode } from "../schemas/scalars.ts";
import { KB_SINK } from "./unit-config-rules.ts";

const DAY_MS = 86_400_000;

/** A run that landed rows of the same unit in the same sink, after the run in question. */
export interface LaterLanding {
  readonly runId: string;
  readonly mode: Mode;
  /** A refill, too: it lands what had landed before. */
  readonly redrive: boolean;
}

export interface ReplayFacts {
  /** `committedSlice` is the last slice that landed, -1 for none. */
  readonly run: Pick<
    Run,
    | "runId"
    | "sinkId"
    | "mode"
    | "finishedAt"
    | "replayOf"
    | "redrive"
    | "refill"
    | "retainStagingDays"
  > & {
    readonly committedSlice: number;
  };
  /** Where the unit lands now, and whether that sink tells a newer version of a row. */
  readonly sinkId: string;
  readonly comparesVersions: boolean;
  readonly policy: RunPlan["policy"];
  readonly later: readonly LaterLanding[];
}

/** Throws why the run cannot be replayed: `STAGING_GONE` for what is not kept, else `CONFLICT`. */
export function refuseReplay(facts: ReplayFacts, nowMs: number): void {
  const { run, sinkId } = facts;
  if (run.finishedAt === null)
    throw conflict("The run is still at work. Replay it when it has ended.");
  if (run.replayOf !== null) {
    throw conflict(`The run staged nothing: it replayed ${run.replayOf}. Replay that one.`, {
      runId: run.replayOf,
    });
  }
  if (run.redrive?.discard)
    throw conflict(
      "The run discarded quarantined records and landed nothing. Start a run instead.",
    );
  if (run.redrive !== null)
    throw conflict("The run tried quarantined records again. Redrive the quarantine instead.");
  if (run.refill !== null)
    throw conflict("The run made landed rows again. Refill the unit instead.");
  if (run.sinkId === KB_SINK)
    throw conflict("The run fed the knowledge base, which is no sink. Start a run instead.");
  if (run.committedSlice < 0)
    throw conflict("The run landed nothing that could be landed again. Start a run instead.");
  if (run.sinkId !== sinkId) {
    const remedy = "Configure the unit for that sink again, or start a run.";
    throw conflict(`The run landed in ${run.sinkId}, the unit lands in ${sinkId} now. ${remedy}`, {
      sinkId,
    });
  }

  refuseForgotten(run, nowMs);
  refuseRepeating(facts);
  refuseSuperseded(facts);
}

function refuseForgotten(
  { retainStagingDays: days, finishedAt }: ReplayFacts["run"],
  nowMs: number,
): void {
  if (!days) {
    const remedy = "Start a run. Set policy.retainStagingDays to keep the staging of later runs.";
    throw new DomainError(
      "STAGING_GONE",
      `What the run staged was deleted when it ended. ${remedy}`,
    );
  }

  const keptUntil = Date.parse(finishedAt ?? "") + days * DAY_MS;
  if (nowMs < keptUntil) return;

  const since = new Date(keptUntil).toISOString();
  const remedy =
    "Start a run. Raise policy.retainStagingDays to keep the staging of later runs longer.";
  throw new DomainError("STAGING_GONE", `What the run staged was kept until ${since}. ${remedy}`, {
    keptUntil: since,
  });
}

/** Rows that cannot be recognised in the sink would land twice. */
function refuseRepeating({ run, comparesVersions, policy }: ReplayFacts): void {
  if (run.mode === "FULL") return;
  if (!comparesVersions)
    throw conflict("The sink only appends, so every row would land twice. Start a run instead.");
  if (policyOf(policy).primaryKeys.length === 0)
    throw conflict("Rows without policy.primaryKeys would land twice. Start a run instead.");
}

/** A later full run has replaced what this one landed: rows that are gone since would come back. */
function refuseSuperseded({ run, comparesVersions, policy, later }: ReplayFacts): void {
  // Without an order of versions nothing in the sink tells that it is newer than what was staged.
  const ordered = comparesVersions && policyOf(policy).cursorField !== undefined;
  const newer = later.find(({ mode, redrive }) => {
    if (mode === "FULL") return true;
    return run.mode === "FULL" && !ordered && (!redrive || !comparesVersions);
  });
  if (!newer) return;
  const remedy = "Replay that one if its staging is kept, or start a run.";
  throw conflict(`Run ${newer.runId} landed the unit later and outranks this one. ${remedy}`, {
    runId: newer.runId,
  });
}

const conflict = (message: string, details: Record<string, unknown> = {}) =>
  new DomainError("CONFLICT", message, details);
