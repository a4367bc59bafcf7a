import type { WaitInput } from "../../../schemas/activities.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { all, isOneOf, matches } from "../table/condition.ts";
import { transact } from "../table/transact.ts";
import { set, update } from "../table/write.ts";
import { runningWrite } from "../tenants/usage.ts";
import { fenced, unitKey, unitOf } from "./fence.ts";
import { logWrite } from "./log.ts";

/**
 * Shows that a run waits, what keeps it, and until when, or that it goes on; the log gets its line.
 * While it rests its unit does not count as running: the tenant may have others at work, and a
 * reading that begins again is not refused. Throws `FENCED` when the run has ended or lost its
 * unit.
 */
export async function showWaiting(
  tables: Tables,
  { plan, waiting, setback, line, rests }: WaitInput,
): Promise<void> {
  const status = waiting ? "WAITING" : "RUNNING";
  // The data plane writes `progress` whole, so what keeps the run has an attribute of its own.
  const kept = setback === null ? { remove: ["setback"] } : {};
  const run = { set: { status, waiting, setback: setback ?? undefined, rests }, ...kept };
  const atWork = all(matches({ epoch: plan.epoch }), isOneOf("status", ["RUNNING", "WAITING"]));
  const owned = matches({ epoch: plan.epoch });

  await transact(tables, [
    update(tables.control, keys.run(plan.tenantId, plan.runId), run, atWork, fenced),
    set(tables.control, keys.unitState(...unitOf(plan)), { lastStatus: status }, owned, fenced),
    ...(line ? [logWrite(tables, plan, line)] : []),
    ...(rests === undefined
      ? []
      : [runningWrite(tables, unitKey(plan), rests ? "freed" : "taken", undefined)]),
  ]);
}
