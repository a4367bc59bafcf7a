import { saveTenantDeletion } from "../../../adapters/dynamodb/deletion/tenant-deletion.ts";
import { getTenant } from "../../../adapters/dynamodb/tenants/store.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { DeleteTenant } from "../../../schemas/operations/tenants.ts";
import { type Answer, accepted } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";

/**
 * Suspended with the answer; a workflow removes the tenant. Asked again while it does, the answer
 * is the same.
 */
export async function deleteTenant(
  { path, identity, ifMatch, now }: Request<typeof DeleteTenant>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { tenantId } = path;
  const seen = await getTenant(tables, tenantId);
  if (seen.status === "DELETING") return accepted(seen, `/tenants/${tenantId}`);
  requireMatch(ifMatch, seen);
  if (tenantId === identity.tenantId) {
    throw new DomainError(
      "CONFLICT",
      "Your token belongs to this tenant. Delete it with a token of another tenant.",
    );
  }

  const by = { actor: identity.subject, actorTenantId: identity.tenantId };
  return accepted(await saveTenantDeletion(tables, seen, by, now), `/tenants/${tenantId}`);
}
