import type { Endpoint } from "../../../schemas/endpoint.ts";
import type { Tables } from "../client.ts";
import { eventWrite } from "../journal/entries.ts";
import type { ConditionalWrite } from "../table/write.ts";

/** The event of an endpoint that was authorized before, and is connected by the choice of a site. */
export function siteChosenWrites(
  tables: Tables,
  seen: Endpoint,
  { tenantId, endpointId, authType, connection, updatedAt }: Endpoint,
): ConditionalWrite[] {
  const isChosen = seen.connection.sites && !connection.sites && connection.status === "CONNECTED";
  if (!isChosen || authType === null) return [];

  const data = { integrationInstanceId: endpointId, authType };
  const type = "integration.connected";
  return [eventWrite(tables, { tenantId, occurredAt: updatedAt, type, data })];
}
