/**
 * Once a day, the tables of all units: page by page, a few at a time. What keeps one table keeps no
 * other, and is written down.
 */
import { continueAsNew, isCancellation, log } from "@temporalio/workflow";
import { addFigures, addTable, NOTHING_MAINTAINED } from "../../core/maintenance-sums.ts";
import type {
  FailedTable,
  LandedUnitsPosition,
  MaintainTableInput,
  MaintenanceSums,
  TableMaintenanceInput,
} from "../../schemas/maintenance.ts";
import { controlActivities, priorityOf, upkeepActivities } from "./activities.ts";
import { persist } from "./attempts.ts";
import { failureOf } from "./failures.ts";

const AT_ONCE = 4;
const MOST_ATTEMPTS = 3;
/**
 * Each call commits a few times at most: all together fewer than a run has attempts, so that no run
 * is kept from its commit.
 */
const MOST_CALLS = 4;
const FIRST: LandedUnitsPosition = { part: "FREE", after: null };
const NOBODY = async () => undefined;

export async function tableMaintenanceWorkflow({
  resume,
}: TableMaintenanceInput): Promise<MaintenanceSums> {
  const { listMaintainedTables } = controlActivities(priorityOf("UPKEEP", "maintenance"));
  const { position, sums: before } = resume ?? { position: FIRST, sums: NOTHING_MAINTAINED };

  const { tables, next } = await listMaintainedTables({ position });
  const sums = await maintainAll(tables, before);
  if (next) {
    await continueAsNew<typeof tableMaintenanceWorkflow>({ resume: { position: next, sums } });
  }

  log.info("Tables were maintained.", { ...sums, failures: sums.failures.length });
  return sums;
}

async function maintainAll(
  tables: readonly MaintainTableInput[],
  before: MaintenanceSums,
): Promise<MaintenanceSums> {
  let sums = before;
  const left = [...tables];

  const work = async () => {
    for (let table = left.shift(); table; table = left.shift()) {
      const failure = await maintain(table, (figures) => {
        sums = addFigures(sums, figures);
      });
      sums = addTable(sums, failure);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return sums;
}

/** Answers what kept the table; null when it was done, or as far as a day goes. */
async function maintain(
  table: MaintainTableInput,
  count: (figures: Parameters<typeof addFigures>[1]) => void,
): Promise<FailedTable | null> {
  const { tenantId, endpointId, unitId } = table;
  const { maintainTable } = upkeepActivities(tenantId);
  const trying = { mostAttempts: MOST_ATTEMPTS, show: NOBODY, goOn: NOBODY, clear: NOBODY };

  try {
    for (let call = 0; call < MOST_CALLS; call++) {
      const { done, figures } = await persist(() => maintainTable(table), trying);
      count(figures);
      if (done) return null;
    }
    return null;
  } catch (caught) {
    if (isCancellation(caught)) throw caught;
    return { tenantId, endpointId, unitId, code: failureOf(caught).code };
  }
}
