import type { Tables } from "../dynamodb/client.ts";
import { claimUnowned, forgetUnowned, listUnowned } from "../dynamodb/credentials/unowned.ts";
import {
  type CredentialAddress,
  type CredentialStore,
  removeCredentials,
} from "./credential-store.ts";

interface Needs {
  readonly tables: Tables;
  readonly credentials: Pick<CredentialStore, "secrets" | "environment">;
}

/**
 * Removes a secret that no owner points at, and then the trace of it. One that an owner took
 * meanwhile stays.
 */
export async function removeUnowned(
  { tables, credentials }: Needs,
  address: CredentialAddress,
  now: Date,
): Promise<void> {
  if (!(await claimUnowned(tables, address, now))) return;
  await removeCredentials(credentials, address);
  await forgetUnowned(tables, address);
}

/** Removes all that no owner points at, of a tenant or of one owner: their owners are gone. */
export async function removeAllUnowned(
  needs: Needs,
  { tenantId, ownerId }: { readonly tenantId: string; readonly ownerId?: string },
  now: Date,
): Promise<void> {
  for (const address of await listUnowned(needs.tables, tenantId, ownerId))
    await removeUnowned(needs, address, now);
}
