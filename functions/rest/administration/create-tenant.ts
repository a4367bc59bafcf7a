import { defaultSinkWrites } from "../../../adapters/dynamodb/sinks/default-sink.ts";
import { saveTenant } from "../../../adapters/dynamodb/tenants/store.ts";
import { changedQuotas } from "../../../core/tenant-limits.ts";
import type { CreateTenant } from "../../../schemas/operations/tenants.ts";
import type { Tenant } from "../../../schemas/tenant.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function createTenant(
  { body, identity, now }: Request<typeof CreateTenant>,
  { tables, defaultQuotas }: Pick<Deps, "tables" | "defaultQuotas">,
): Promise<Answer> {
  const at = now.toISOString();
  const tenant: Tenant = {
    tenantId: body.tenantId,
    name: body.name,
    status: "ACTIVE",
    quotas: changedQuotas(defaultQuotas, body.quotas),
    version: 1,
    createdAt: at,
    updatedAt: at,
  };

  const created = await defaultSinkWrites(tables, tenant.tenantId, now);
  await saveTenant(tables, tenant, undefined, identity.subject, created);
  return versioned(tenant, 201);
}
