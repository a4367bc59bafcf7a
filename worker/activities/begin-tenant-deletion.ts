import { findTenantDeletion } from "../../adapters/dynamodb/deletion/tenant-deletion.ts";
import type { DeletionBegun } from "../../schemas/deletion.ts";
import type { Deps } from "./deps.ts";

/** A function relies on a tenant's status that it read up to 10 s ago, and lives for 29 s. */
const LONGEST_REQUEST_MS = 40_000;

/**
 * When whoever was let in before the tenant's deletion has ended; null when the deletion is done.
 */
export async function beginTenantDeletion(
  { tables, now }: Deps,
  { tenantId }: { tenantId: string },
): Promise<DeletionBegun | null> {
  const deletion = await findTenantDeletion(tables, tenantId);
  if (!deletion) return null;
  // From now, not from the request: its own transaction may have been tried again for seconds
  // before it held.
  return { quietAt: new Date(now().getTime() + LONGEST_REQUEST_MS).toISOString() };
}
