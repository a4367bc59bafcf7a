import type { Setback, WaitInput } from "../../../schemas/activities.ts";
import { fenced, unitOf } from "../checkpoints/advance.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { transact } from "../table/transact.ts";
import { logWrite } from "./log.ts";

/**
 * Shows that a run waits, what keeps it, and until when, or that it goes on; the log gets its line.
 * Throws `FENCED` when the run has ended or lost its unit.
 */
export async function showWaiting(
  tables: Tables,
  { plan, waiting, setback, line }: WaitInput,
): Promise<void> {
  const TableName = tables.control;
  const status = waiting ? "WAITING" : "RUNNING";
  const change = setbackChange(setback);
  const run = {
    TableName,
    Key: keys.run(plan.tenantId, plan.runId),
    UpdateExpression: `SET #status = :status, waiting = :waiting${change.expression}`,
    ConditionExpression: "epoch = :epoch AND #status IN (:running, :paused)",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: {
      ":status": status,
      ":waiting": waiting,
      ":epoch": plan.epoch,
      ":running": "RUNNING",
      ":paused": "WAITING",
      ...change.values,
    },
  };
  const state = {
    TableName,
    Key: keys.unitState(...unitOf(plan)),
    UpdateExpression: "SET lastStatus = :status",
    ConditionExpression: "epoch = :epoch",
    ExpressionAttributeValues: { ":status": status, ":epoch": plan.epoch },
  };
  await transact(tables, [
    { write: { Update: run }, otherwise: fenced },
    { write: { Update: state }, otherwise: fenced },
    ...(line ? [logWrite(tables, plan, line)] : []),
  ]);
}

/** The data plane writes `progress` whole, so what keeps the run has an attribute of its own. */
function setbackChange(setback: Setback | null | undefined) {
  if (setback === undefined) return { expression: "", values: {} };
  if (setback === null) return { expression: " REMOVE setback", values: {} };
  return { expression: ", setback = :setback", values: { ":setback": setback } };
}
