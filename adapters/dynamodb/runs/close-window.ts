/** How a run whose window is open is asked to land before its time; the bridge passes it on. */

import type { WindowClosing } from "../../../schemas/merge-window.ts";
import type { Run } from "../../../schemas/run.ts";
import type { UnitAddress } from "../../../schemas/unit-address.ts";
import type { Tables } from "../client.ts";
import { auditWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";
import { type IdempotentRequest, idempotencyWrite } from "../requests/idempotency.ts";
import { absent, all, any, type Condition, matches } from "../table/condition.ts";
import { overtaken, transactUnlessOvertaken } from "../table/transact.ts";
import { type ConditionalWrite, set } from "../table/write.ts";
import { findStoredUnitState } from "../units/state-store.ts";
import { type StoredRun, toRun } from "./items.ts";
import { findStoredRun, isActive, isAtWork } from "./store.ts";

export interface JoinRequest extends UnitAddress, Pick<Run, "mode" | "sinkId"> {
  /**
   * When the unit or its endpoint was changed last: a run that was planned before is not what is
   * asked for.
   */
  readonly configuredAt: string;
  readonly actor: string;
  readonly now: Date;
  readonly idempotency: IdempotentRequest | undefined;
}

/**
 * Has the run that waits for the next reading of its window read now and land, and answers it;
 * undefined where the unit has none, or none that does what is asked for.
 */
export async function joinRestingRun(
  tables: Tables,
  request: JoinRequest,
): Promise<Run | undefined> {
  const { tenantId, endpointId, unitId, idempotency, now } = request;
  const state = await findStoredUnitState(tables, tenantId, endpointId, unitId);
  if (state?.lease.state !== "HELD") return undefined;
  const run = await findStoredRun(tables, tenantId, state.lease.runId);
  if (!run || !isJoinable(run, request)) return undefined;

  const resting = all(
    matches({ rests: true, cancelRequested: false }),
    any(absent("closing"), matches({ closing: "READ" })),
  );
  const answer = toRun({ ...run });
  const isAsked = await transactUnlessOvertaken(tables, [
    ...closingWrites(tables, run, "READ", request, resting),
    ...(idempotency ? [idempotencyWrite(tables, tenantId, idempotency, answer, now)] : []),
  ]);
  return isAsked ? answer : undefined;
}

/**
 * Has a run land what it has staged, and end. Answers whether it is about to: a run without a
 * window is not.
 */
export async function requestLanding(
  tables: Tables,
  { tenantId, runId, actor, now }: Pick<Run, "tenantId" | "runId"> & { actor: string; now: Date },
): Promise<boolean> {
  const run = await findStoredRun(tables, tenantId, runId);
  if (!run?.window || !isActive(run.status)) return false;
  if (run.closing !== null) return true;
  const unasked = absent("closing");
  const writes = closingWrites(tables, run, "LAND", { actor, now }, unasked);
  return transactUnlessOvertaken(tables, writes);
}

function isJoinable(run: StoredRun, { mode, sinkId, configuredAt }: JoinRequest): boolean {
  return (
    isActive(run.status) &&
    run.rests &&
    !run.cancelRequested &&
    run.closing !== "LAND" &&
    run.mode === mode &&
    run.sinkId === sinkId &&
    configuredAt <= (run.startedAt ?? run.queuedAt)
  );
}

function closingWrites(
  tables: Tables,
  { tenantId, runId, status }: StoredRun,
  closing: WindowClosing,
  { actor, now }: { readonly actor: string; readonly now: Date },
  when: Condition,
): ConditionalWrite[] {
  const asked = { closing, ...pendingMark("run", now) };
  const ofRun = keys.run(tenantId, runId);
  const audit = {
    tenantId,
    at: now.toISOString(),
    actor,
    action: "run.land",
    subject: `run/${runId}`,
    before: { status },
    after: { status, closing },
  };

  return [
    set(tables.control, ofRun, asked, all(isAtWork, when), overtaken),
    auditWrite(tables, audit),
  ];
}
