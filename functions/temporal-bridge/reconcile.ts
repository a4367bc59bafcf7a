/**
 * The net under the bridge, every minute: marks that were not passed on, leases and deletions
 * without a workflow, schedules that drifted, the one of table maintenance among them, credentials
 * of nobody; and the measure of what waits.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { PENDING_PK } from "../../adapters/dynamodb/keys.ts";
import type { PendingKind } from "../../adapters/dynamodb/pending/marks.ts";
import { listMarked, type Marked } from "../../adapters/dynamodb/pending/marks.ts";
import { ensureMaintenanceSchedule } from "../../adapters/temporal/maintenance-schedule.ts";
import { errorName } from "../runtime/error-name.ts";
import { inTens } from "../runtime/in-tens.ts";
import { type BridgeDeps, bridgeDeps } from "./deps.ts";
import { freeLeases } from "./free-leases.ts";
import { measureBacklog } from "./measure-backlog.ts";
import { passOn } from "./pass-on.ts";
import { repairSchedules } from "./repair-schedules.ts";
import { watchDeletions } from "./start-deletion.ts";
import { sweepCredentials } from "./sweep-credentials.ts";

const logger = new Logger({ serviceName: "temporal-reconciler" });

/** The stream works a mark off within a second; an older one was missed. */
const MISSED_AFTER_MS = 5_000;
/** A server that does not answer must not take the whole minute from the next step. */
const STEP_MS = 15_000;

export interface Reconciled {
  passedOn: number;
  failed: number;
  freed: number;
  repaired: number;
  /** Deletions that are not done yet. */
  deleting: number;
  /** Stored credentials that no owner pointed at. */
  removed: number;
  /** Tasks that wait for a worker. */
  waiting: number;
}

export async function handler(): Promise<Reconciled> {
  return reconcile(await bridgeDeps());
}

/**
 * Each step works on, whatever the others do; throws at the end when one failed, so that an alarm
 * sees it.
 */
export async function reconcile(deps: BridgeDeps): Promise<Reconciled> {
  const faults: string[] = [];
  const { passedOn, failed } = await sweepMarks(deps);
  const freed = await attempt(deps, "leases", faults, () => freeLeases(deps));
  const repaired = await attempt(deps, "schedules", faults, () => repairSchedules(deps));
  const upkeep = await attempt(deps, "maintenance", faults, async () =>
    Number(await ensureMaintenanceSchedule(deps.temporal)),
  );
  const deleting = await attempt(deps, "deletions", faults, () => watchDeletions(deps));
  const removed = await attempt(deps, "credentials", faults, () => sweepCredentials(deps));
  const waiting = await attempt(deps, "backlog", faults, () => measureBacklog(deps));
  const report = {
    passedOn,
    failed,
    freed,
    repaired: repaired + upkeep,
    deleting,
    removed,
    waiting,
  };
  logger.info("reconciled", { ...report, faults });
  if (faults.length > 0 || failed > 0)
    throw new Error(`Not reconciled: ${[...faults, `${failed} marks`].join(", ")}.`);
  return report;
}

async function sweepMarks(deps: BridgeDeps): Promise<{ passedOn: number; failed: number }> {
  const done = { passedOn: 0, failed: 0 };
  const missed = await sweepUntil(deps, new Date(deps.now().getTime() - MISSED_AFTER_MS), done);
  // A tenant's mark leaves marks of its own: what missed the first may miss these, and a minute
  // more would be too many.
  if (missed.has("tenant")) await sweepUntil(deps, deps.now(), done);
  return done;
}

/** Answers the kinds that were passed on. */
async function sweepUntil(
  deps: BridgeDeps,
  until: Date,
  done: { passedOn: number; failed: number },
): Promise<Set<PendingKind>> {
  const kinds = new Set<PendingKind>();
  const sweep = async ({ pk, sk }: Marked) => {
    try {
      const kind = await passOn(deps, { pk, sk });
      if (!kind) return;
      done.passedOn++;
      kinds.add(kind);
    } catch (error) {
      done.failed++;
      logger.error("not passed on", { errorName: errorName(error) });
    }
  };

  await inTens(listMarked(deps.tables, PENDING_PK, until), sweep);
  return kinds;
}

async function attempt(
  { temporal }: BridgeDeps,
  step: string,
  faults: string[],
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await temporal.withDeadline(Date.now() + STEP_MS, work);
  } catch (error) {
    faults.push(step);
    logger.error("step failed", { step, errorName: errorName(error) });
    return 0;
  }
}
