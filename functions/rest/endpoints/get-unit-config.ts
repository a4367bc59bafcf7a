import { getUnitConfig as readConfig } from "../../../adapters/dynamodb/units/config-store.ts";
import type { GetUnitConfig } from "../../../schemas/operations/units.ts";
import { readUnit } from "../../commands/endpoint-units.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getUnitConfig(
  { path, identity }: Request<typeof GetUnitConfig>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { tenantId } = identity;
  await readUnit(tables, { tenantId, ...path });
  return versioned(await readConfig(tables, tenantId, path.endpointId, path.unitId));
}
