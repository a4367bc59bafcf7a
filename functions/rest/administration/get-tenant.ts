import { getTenant as readTenant } from "../../../adapters/dynamodb/tenants/store.ts";
import { readUsage } from "../../../adapters/dynamodb/tenants/usage.ts";
import type { GetTenant } from "../../../schemas/operations/tenants.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getTenant(
  { path, now }: Request<typeof GetTenant>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const tenant = await readTenant(tables, path.tenantId);
  const overview = { ...tenant, usage: await readUsage(tables, path.tenantId, now) };
  return versioned(overview);
}
