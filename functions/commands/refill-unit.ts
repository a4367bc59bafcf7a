import { oncePerKey } from "../../adapters/dynamodb/requests/idempotency.ts";
import { toRun } from "../../adapters/dynamodb/runs/items.ts";
import { refuseRefill } from "../../core/refill-rules.ts";
import { sinkTraits } from "../../core/sink-traits.ts";
import type { Run } from "../../schemas/run.ts";
import type { Deps } from "../runtime/deps.ts";
import { readStartable, type StartRunCommand } from "./start-run.ts";

/**
 * Queues a run that makes landed rows again from their `_raw`. Throws `CONFLICT` (see
 * `refuseRefill`), and what starting a run throws.
 */
export async function refillUnit(
  deps: Pick<Deps, "tables" | "defaultQuotas">,
  command: StartRunCommand,
): Promise<Run> {
  return oncePerKey(deps.tables, command, toRun, async () => {
    const { settings, sinkType, queue } = await readStartable(deps, command);
    const comparesVersions = sinkType ? sinkTraits(sinkType).comparesVersions : false;
    refuseRefill({ ...settings, comparesVersions });

    // Each row takes its own place, whatever the unit's mode: what is not made again stays.
    return queue({ mode: "INCREMENTAL", refill: true });
  });
}
