import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { listUnitStates } from "../../../adapters/dynamodb/units/state-store.ts";
import { endpointHealth } from "../../../core/endpoint-health.ts";
import type { GetEndpointHealth } from "../../../schemas/operations/endpoints.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getEndpointHealth(
  { path, identity }: Request<typeof GetEndpointHealth>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const endpoint = await getEndpoint(tables, identity.tenantId, path.endpointId);
  return ok(
    endpointHealth(endpoint, await listUnitStates(tables, identity.tenantId, path.endpointId)),
  );
}
