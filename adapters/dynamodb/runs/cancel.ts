import { DomainError } from "../../../schemas/errors.ts";
import type { Run } from "../../../schemas/run.ts";
import type { Tables } from "../client.ts";
import { auditWrite } from "../journal/entries.ts";
import { keys } from "../keys.ts";
import { pendingMark } from "../pending/marks.ts";
import { transact } from "../table/transact.ts";
import { set } from "../table/write.ts";
import { getRun, isActive, isAtWork } from "./store.ts";

/**
 * Asks the run to stop; the bridge passes it on. A run that was asked already answers the same.
 * Throws `NOT_FOUND`, or `CONFLICT` when the run has ended.
 */
export async function requestCancel(
  tables: Tables,
  tenantId: string,
  runId: string,
  actor: string,
  now: Date,
): Promise<Run> {
  const run = await getRun(tables, tenantId, runId);
  if (!isActive(run.status)) throw hasEnded(run.status);
  if (run.cancelRequested) return run;

  const cancel = set(
    tables.control,
    keys.run(tenantId, runId),
    { cancelRequested: true, ...pendingMark("run", now) },
    isAtWork,
    (found) => hasEnded(String(found?.status)),
  );
  const audit = {
    tenantId,
    at: now.toISOString(),
    actor,
    action: "run.cancel",
    subject: `run/${runId}`,
  };
  const { status } = run;
  const [before, after] = [false, true].map((cancelRequested) => ({ status, cancelRequested }));

  await transact(tables, [cancel, auditWrite(tables, { ...audit, before, after })]);
  return { ...run, cancelRequested: true };
}

const hasEnded = (status: string) =>
  new DomainError("CONFLICT", `The run has ended as ${status}. Start a new one instead.`, {
    status,
  });
