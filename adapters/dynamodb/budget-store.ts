import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { BudgetBucket } from "../../schemas/budget.ts";
import type { Tables } from "./client.ts";
import { keys } from "./keys.ts";

/** The bucket that the workers share for the endpoint's credential; undefined when nobody called lately. */
export async function findBudgetBucket(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<BudgetBucket | undefined> {
  const Key = keys.budget(tenantId, endpointId);
  const { Item } = await tables.client.send(new GetCommand({ TableName: tables.hot, Key, ConsistentRead: true }));
  return Item && BudgetBucket.parse(Item.bucket);
}
