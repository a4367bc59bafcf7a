import { findConnector } from "../../adapters/dynamodb/registry/connectors.ts";
import { listLaterLandings } from "../../adapters/dynamodb/runs/later-landings.ts";
import { getStoredRun } from "../../adapters/dynamodb/runs/store.ts";
import { refuseReplay } from "../../core/replay-rules.ts";
import { sinkTraits } from "../../core/sink-traits.ts";
import type { ReplayedRun, RunPlan } from "../../schemas/run-plan.ts";
import type { Sink } from "../../schemas/sink.ts";
import type { Deps } from "./deps.ts";

/**
 * What a replay lands again. Asked once more now that it has the unit, since another run may have
 * landed after it was queued. Throws `STAGING_GONE` or `CONFLICT`.
 */
export async function replayedRun(
  { tables, now }: Deps,
  { tenantId, replayOf }: { readonly tenantId: string; readonly replayOf: string },
  { sink, policy }: { readonly sink: Sink; readonly policy: RunPlan["policy"] },
): Promise<ReplayedRun> {
  const run = await getStoredRun(tables, tenantId, replayOf);
  const connector = await findConnector(tables, sink.tenantId, sink.type, sink.typeVersion);
  const later = await listLaterLandings(tables, run);
  const { sinkId } = sink;
  const comparesVersions = connector ? sinkTraits(connector).comparesVersions : false;
  refuseReplay({ run, sinkId, comparesVersions, policy, later }, now().getTime());
  return { runId: run.runId, epoch: run.epoch, slice: run.committedSlice, mode: run.mode };
}
