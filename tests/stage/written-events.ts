/** Domain events as they stand in the table. */
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import type { DomainEvent } from "../../schemas/event.ts";
import { ADMIN } from "./control-plane.ts";

/** Type and data of those of today that tell of this integration instance, oldest first. */
export async function eventsOf(
  tables: Tables,
  integrationInstanceId: string,
  tenantId = ADMIN.tenantId,
): Promise<Pick<DomainEvent, "type" | "data">[]> {
  const day = new Date().toISOString().slice(0, 10);
  const { Items = [] } = await tables.client.send(
    new QueryCommand({
      TableName: tables.events,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": `T#${tenantId}#EVENTS#${day}` },
    }),
  );
  return Items.filter(({ data }) => data.integrationInstanceId === integrationInstanceId).map(
    ({ type, data }) => ({ type, data }),
  );
}
