/** Every path of the upkeep of tables. */
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { WorkflowHandle } from "@temporalio/client";
import { freeMark } from "../../adapters/dynamodb/pending/marks.ts";
import { claimUnit } from "../../adapters/dynamodb/runs/claim.ts";
import { unitStateItem, unknownUnitState } from "../../adapters/dynamodb/units/state-store.ts";
import { TASK_QUEUE, WORKFLOW } from "../../schemas/names.ts";
import { aClaimant } from "../stage/played-unit.ts";
import { ENDPOINT } from "./nouns.ts";
import { failure } from "./python.ts";
import { ended, type Scenario } from "./scenario.ts";
import { aTenantAtWork, type Stage } from "./stage.ts";

/** More than one page. */
const FREE_UNITS = 27;
const DONE = {
  filesCompacted: 2,
  filesWritten: 1,
  bytesWritten: 100,
  snapshotsExpired: 3,
  filesDeleted: 4,
  lostRaces: 0,
};

export const MAINTENANCE_SCENARIOS = {
  /** One table takes two calls, one is refused, one finds no slot at first; a unit is at work. */
  async maintained(stage, tenantId) {
    await aTenantWithTables(stage, tenantId);
    const calls = new Map<string, number>();

    stage.python.maintainTable = async ({ unitId }) => {
      const call = (calls.get(unitId) ?? 0) + 1;
      calls.set(unitId, call);
      if (unitId === "jira.u3") throw failure("SINK_REJECTED");
      if (unitId === "jira.u4" && call === 1) throw failure("WORKER_BUSY");
      return { done: unitId !== "jira.u5" || call === 2, figures: DONE };
    };
    return ended(await begun(stage, tenantId));
  },

  /** A table that is never done is left for the next day. */
  async "maintained-in-part"(stage, tenantId) {
    await aTenantWithTables(stage, tenantId, 1);
    stage.python.maintainTable = async () => ({ done: false, figures: DONE });
    return ended(await begun(stage, tenantId));
  },
} satisfies Record<string, Scenario>;

const begun = ({ client }: Stage, tenantId: string): Promise<WorkflowHandle> =>
  client.workflow.start(WORKFLOW.tableMaintenance, {
    workflowId: `maintenance/${tenantId}`,
    taskQueue: TASK_QUEUE.typescript,
    args: [{ resume: null }],
  });

/** A unit at work, and so many that ran before it and are free. */
export async function aTenantWithTables(
  { tables }: Pick<Stage, "tables">,
  tenantId: string,
  free = FREE_UNITS,
): Promise<void> {
  await aTenantAtWork(tables, tenantId);
  await claimUnit(tables, aClaimant(tenantId, "run_1"), new Date());

  for (let n = 1; n <= free; n++) {
    const state = { ...unknownUnitState(tenantId, ENDPOINT, `jira.u${n}`), lastRunId: "run_1" };
    const Item = { ...unitStateItem(state), ...freeMark(tenantId) };
    await tables.client.send(new PutCommand({ TableName: tables.control, Item }));
  }
}
