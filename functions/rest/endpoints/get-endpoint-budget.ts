import {
  findAppBudgetBucket,
  findBudgetBucket,
} from "../../../adapters/dynamodb/endpoints/budget.ts";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { getConnector } from "../../../adapters/dynamodb/registry/connectors.ts";
import { budgetLevel } from "../../../core/budget-level.ts";
import { effectiveLimits, pointsPerHour } from "../../../core/effective-limits.ts";
import type { GetEndpointBudget } from "../../../schemas/operations/endpoints.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getEndpointBudget(
  { path, identity, now }: Request<typeof GetEndpointBudget>,
  { tables, rateLimit }: Pick<Deps, "tables" | "rateLimit">,
): Promise<Answer> {
  const { tenantId } = identity;
  const { endpointId, config, authType, ...endpoint } = await getEndpoint(
    tables,
    tenantId,
    path.endpointId,
  );
  const connector = await getConnector(
    tables,
    endpoint.tenantId,
    endpoint.connector,
    endpoint.connectorVersion,
  );
  const points = pointsPerHour(connector.rateLimit, authType, config);
  const [bucket, appBucket] = await Promise.all([
    findBudgetBucket(tables, tenantId, endpointId),
    points && findAppBudgetBucket(tables, tenantId, endpoint.connector),
  ]);

  const limits = effectiveLimits(rateLimit, connector.rateLimit, config);
  const app = points && { app: { pointsPerHour: points, bucket: appBucket } };
  return ok(budgetLevel(endpointId, { limits, bucket, ...app }, now));
}
