import type { WaitInput } from "../../schemas/activities.ts";
import type { Tables } from "./client.ts";
import { keys } from "./keys.ts";
import { fenced, unitOf } from "./run-commit.ts";
import { transact } from "./transact.ts";

/** Shows that a run waits, and until when, or that it goes on. Throws `FENCED` when it has ended or lost its unit. */
export async function showWaiting(tables: Tables, { plan, waiting }: WaitInput): Promise<void> {
  const TableName = tables.control;
  const status = waiting ? "WAITING" : "RUNNING";
  const run = {
    TableName,
    Key: keys.run(plan.tenantId, plan.runId),
    UpdateExpression: "SET #status = :status, waiting = :waiting",
    ConditionExpression: "epoch = :epoch AND #status IN (:running, :paused)",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: {
      ":status": status,
      ":waiting": waiting,
      ":epoch": plan.epoch,
      ":running": "RUNNING",
      ":paused": "WAITING",
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
  ]);
}
