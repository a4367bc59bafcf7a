import { getTenant, saveTenant } from "../../../adapters/dynamodb/tenants/store.ts";
import { canonicalJson } from "../../../core/canonical-json.ts";
import { changedQuotas } from "../../../core/tenant-limits.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { PatchTenant } from "../../../schemas/operations/tenants.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";

export async function patchTenant(
  { path, body, identity, ifMatch, now }: Request<typeof PatchTenant>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const seen = await getTenant(tables, path.tenantId);
  requireMatch(ifMatch, seen);
  if (seen.status === "DELETING") {
    throw new DomainError(
      "CONFLICT",
      "The tenant is being deleted. Register it again when it is gone: POST /tenants.",
    );
  }

  const { name = seen.name, status = seen.status } = body;
  const changed = { name, status, quotas: changedQuotas(seen.quotas, body.quotas) };
  if (canonicalJson({ ...seen, ...changed }) === canonicalJson(seen)) return versioned(seen);

  const next = { ...seen, ...changed, version: seen.version + 1, updatedAt: now.toISOString() };
  await saveTenant(tables, next, seen, identity.subject);
  return versioned(next);
}
