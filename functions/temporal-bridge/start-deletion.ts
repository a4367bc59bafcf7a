/**
 * Deletions: their mark stays until they are done, so that one whose workflow was lost is started
 * again.
 */
import { DELETING_PK } from "../../adapters/dynamodb/keys.ts";
import { listMarked, type Marked, watchDeletion } from "../../adapters/dynamodb/pending/marks.ts";
import {
  startEndpointDeletion,
  startTenantDeletion,
} from "../../adapters/temporal/start-workflows.ts";
import { inTens } from "../runtime/in-tens.ts";
import type { BridgeDeps } from "./deps.ts";

const LOOK_AGAIN_MS = 60_000;

/** Starts the deletion's workflow, unless it is open. */
export async function startDeletion(
  { tables, temporal, now }: BridgeDeps,
  marked: Marked,
): Promise<void> {
  const [tenantId, endpointId] = [String(marked.tenantId), String(marked.endpointId)];
  if (marked.pendingKind === "tenant-deletion") await startTenantDeletion(temporal, tenantId);
  else await startEndpointDeletion(temporal, { tenantId, endpointId });
  await watchDeletion(tables, marked, new Date(now().getTime() + LOOK_AGAIN_MS));
}

/**
 * Sees to it that every deletion has an open workflow until it is done. Answers how many are not.
 */
export async function watchDeletions(deps: BridgeDeps): Promise<number> {
  let deleting = 0;
  await inTens(listMarked(deps.tables, DELETING_PK, deps.now()), (marked) => {
    deleting++;
    return startDeletion(deps, marked);
  });
  return deleting;
}
