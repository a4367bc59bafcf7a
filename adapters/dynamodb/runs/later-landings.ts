import type { LaterLanding } from "../../../core/replay-rules.ts";
import type { Run } from "../../../schemas/run.ts";
import type { Item, Tables } from "../client.ts";
import { INDEX, runsByUnit } from "../keys.ts";
import { absent, all, any, isAtLeast, matches } from "../table/condition.ts";
import { listAll } from "../table/page.ts";
import { StoredRun } from "./items.ts";

/**
 * Runs of the same unit that landed in the same sink after this one was queued, oldest first;
 * replays, which land nothing new, left out.
 */
export function listLaterLandings(tables: Tables, run: Run): Promise<LaterLanding[]> {
  const { tenantId, endpointId, unitId, queuedAt, runId, sinkId } = run;
  const isNoReplay = any(absent("replayOf"), matches({ replayOf: null }));
  const later = {
    index: INDEX.byUnit,
    pk: runsByUnit(tenantId, endpointId, unitId),
    above: `${queuedAt}#${runId}`,
    where: all(isAtLeast("committedSlice", 0), matches({ sinkId }), isNoReplay),
  };
  return listAll(tables, later, toLanding);
}

function toLanding(item: Item): LaterLanding {
  const { runId, mode, redrive, refill } = StoredRun.parse(item);
  return { runId, mode, redrive: redrive !== null || refill !== null };
}
