import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { listUnitStates } from "../../../adapters/dynamodb/units/state-store.ts";
import { endpointHealth } from "../../../core/endpoint-health.ts";
import type { GetEndpointHealth } from "../../../schemas/operations/endpoints.ts";
import { connectorOf } from "../../commands/endpoint-changes.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getEndpointHealth(
  { path, identity }: Request<typeof GetEndpointHealth>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { tenantId } = identity;
  const endpoint = await getEndpoint(tables, tenantId, path.endpointId);
  const connector = await connectorOf({ tables }, endpoint);
  const states = await listUnitStates(tables, tenantId, path.endpointId);
  return ok(endpointHealth(endpoint, states, connector));
}
