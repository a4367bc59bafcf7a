import { findBudgetBucket } from "../../adapters/dynamodb/budget-store.ts";
import { getConnector } from "../../adapters/dynamodb/connector-store.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoint-store.ts";
import { budgetLevel } from "../../core/budget-level.ts";
import { effectiveLimits } from "../../core/effective-limits.ts";
import type { GetEndpointBudget } from "../../schemas/operations/endpoints.ts";
import { type Answer, ok } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";

export async function getEndpointBudget(
  { path, identity, now }: Request<typeof GetEndpointBudget>,
  { tables, rateLimit }: Pick<Deps, "tables" | "rateLimit">,
): Promise<Answer> {
  const endpoint = await getEndpoint(tables, identity.tenantId, path.endpointId);
  const [connector, bucket] = await Promise.all([
    getConnector(tables, endpoint.connector, endpoint.connectorVersion),
    findBudgetBucket(tables, identity.tenantId, path.endpointId),
  ]);
  const limits = effectiveLimits(rateLimit, connector.rateLimit, endpoint.config);
  return ok(budgetLevel(path.endpointId, limits, bucket, now));
}
