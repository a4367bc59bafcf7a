import {
  beginEndpointDeletion,
  listEndpointDeletions,
} from "../../adapters/dynamodb/deletion/endpoint-deletion.ts";
import { findTenantDeletion } from "../../adapters/dynamodb/deletion/tenant-deletion.ts";
import { listEndpoints } from "../../adapters/dynamodb/endpoints/store.ts";
import { listOpenWorkflows, stopWorkflows } from "../../adapters/temporal/stop-workflows.ts";
import { registrationPrefix } from "../../adapters/temporal/workflow-ids.ts";
import type { Endpoint } from "../../schemas/endpoint.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { DeletionDeps, Deps } from "./deps.ts";

/** So many deletions are under way at a time: each has a workflow of its own. */
const AT_ONCE = 50;

/**
 * Begins the deletion of some of the tenant's endpoints, in the name of whoever deletes the tenant,
 * and has registrations of its connectors stop, which write methods; answers how many are left.
 */
export async function deleteTenantEndpoints(
  deps: DeletionDeps,
  { tenantId }: { tenantId: string },
): Promise<{ left: number }> {
  const { tables, temporal, now } = deps;
  const deletion = await findTenantDeletion(tables, tenantId);
  if (!deletion) return { left: 0 };
  const underWay = (await listEndpointDeletions(tables, tenantId)).length;
  const { items, next } = await listEndpoints(tables, tenantId, { limit: AT_ONCE });
  const begun = items.slice(0, Math.max(0, AT_ONCE - underWay));
  for (const endpoint of begun) await begin(deps, endpoint, deletion.actor, now());
  const registrations = await listOpenWorkflows(temporal, registrationPrefix(tenantId));
  const open = await stopWorkflows(temporal, registrations, "cancel");
  return { left: open + underWay + items.length + (next === null ? 0 : 1) };
}

/** One that changed this moment is found again the next time. */
async function begin(
  { tables }: Deps,
  endpoint: Endpoint,
  actor: string,
  now: Date,
): Promise<void> {
  try {
    await beginEndpointDeletion(tables, endpoint, actor, now);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === "STALE_VERSION")) throw error;
  }
}
