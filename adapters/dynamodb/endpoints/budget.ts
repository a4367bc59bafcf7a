import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { BudgetBucket } from "../../../schemas/budget.ts";
import type { Tables } from "../client.ts";
import { type Key, keys } from "../keys.ts";

/**
 * The bucket that the workers share for the endpoint's credential; undefined when nobody called
 * lately.
 */
export const findBudgetBucket = (tables: Tables, tenantId: string, endpointId: string) =>
  findBucket(tables, keys.budget(tenantId, endpointId));

/**
 * The bucket of points of the app behind the tenant's credentials for a connector; undefined like
 * the other.
 */
export const findAppBudgetBucket = (tables: Tables, tenantId: string, connector: string) =>
  findBucket(tables, keys.appBudget(tenantId, connector));

async function findBucket(tables: Tables, Key: Key): Promise<BudgetBucket | undefined> {
  const { Item } = await tables.client.send(
    new GetCommand({ TableName: tables.hot, Key, ConsistentRead: true }),
  );
  return Item && BudgetBucket.parse(Item.bucket);
}
