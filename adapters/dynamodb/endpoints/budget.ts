import { BudgetBucket } from "../../../schemas/budget.ts";
import type { Tables } from "../client.ts";
import { type Key, keys } from "../keys.ts";
import { findItem } from "../table/find.ts";

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

async function findBucket(tables: Tables, key: Key): Promise<BudgetBucket | undefined> {
  const item = await findItem(tables, key, { table: tables.hot });
  return item && BudgetBucket.parse(item.bucket);
}
