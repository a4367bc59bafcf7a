import {
  type IdempotentRequest,
  oncePerKey,
} from "../../adapters/dynamodb/requests/idempotency.ts";
import { toRun } from "../../adapters/dynamodb/runs/items.ts";
import { listLaterLandings } from "../../adapters/dynamodb/runs/later-landings.ts";
import { getStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import { refuseReplay } from "../../core/replay-rules.ts";
import { sinkTraits } from "../../core/sink-traits.ts";
import type { Run } from "../../schemas/run.ts";
import type { Deps } from "../runtime/deps.ts";
import { readStartable } from "./start-run.ts";

export interface ReplayRunCommand {
  readonly tenantId: string;
  readonly runId: string;
  readonly actor: string;
  readonly now: Date;
  readonly idempotency: IdempotentRequest | undefined;
}

/**
 * Queues a run that lands what an ended run staged once more. Throws `NOT_FOUND`, `STAGING_GONE`,
 * `CONFLICT` (see `refuseReplay`), and what starting a run throws.
 */
export async function replayRun(
  deps: Pick<Deps, "tables" | "defaultQuotas">,
  command: ReplayRunCommand,
): Promise<Run> {
  return oncePerKey(deps.tables, command, toRun, () => queueReplay(deps, command));
}

async function queueReplay(
  deps: Pick<Deps, "tables" | "defaultQuotas">,
  { runId, now, ...command }: ReplayRunCommand,
): Promise<Run> {
  const run = await getStoredRun(deps.tables, command.tenantId, runId);
  const { endpointId, unitId } = run;
  const { settings, sinkType, queue } = await readStartable(deps, {
    ...command,
    endpointId,
    unitId,
    now,
  });
  const { sinkId, policy } = settings;

  const later = await listLaterLandings(deps.tables, run);
  const comparesVersions = sinkType ? sinkTraits(sinkType).comparesVersions : false;
  refuseReplay({ run, sinkId, comparesVersions, policy, later }, now.getTime());
  return queue({ mode: run.mode, replayOf: runId });
}
