/**
 * How endpoints are kept: the noun's attributes, flat. The connection's are flat, too, so that what
 * is learned of it at one place (a run, a refresh) does not overwrite what another wrote.
 */
import * as z from "zod";
import { bothStatuses, type EarlierEndpoint } from "../../../core/connection.ts";
import { type Connection, Endpoint } from "../../../schemas/endpoint.ts";
import type { Item } from "../client.ts";
import { keys } from "../keys.ts";

// Older endpoints have no schedule of collections: they are collected on request, as before.
const shown = z.object({
  ...Endpoint.shape,
  collectEveryHours: Endpoint.shape.collectEveryHours.default(null),
  lastUsedAt: Endpoint.shape.lastUsedAt.default(null),
});

/** Endpoints of before the connection had a status of its own are read as what they meant. */
export function toEndpoint(item: Item): Endpoint {
  const meant = bothStatuses(item as unknown as EarlierEndpoint);
  const stored = item.connectionStatus !== undefined && { connection: storedConnection(item) };

  return shown.parse({ ...item, ...meant, ...stored });
}

export function endpointItem({ connection, ...endpoint }: Endpoint): Item {
  return {
    ...keys.endpoint(endpoint.tenantId, endpoint.endpointId),
    entity: "endpoint",
    ...endpoint,
    ...connectionValues(connection),
    ...(endpoint.credentialVersion !== null && { credentialsAt: endpoint.createdAt }),
  };
}

/** Attributes of what is given of a connection. */
export function connectionValues(connection: Partial<Connection>): Item {
  const given = Object.entries(ATTRIBUTES).map(([field, attribute]) => [
    attribute,
    connection[field as keyof Connection],
  ]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

const storedConnection = (item: Item) =>
  Object.fromEntries(
    Object.entries(ATTRIBUTES).map(([field, attribute]) => [field, item[attribute] ?? null]),
  );

const ATTRIBUTES = {
  status: "connectionStatus",
  lastConnectedAt: "lastConnectedAt",
  expiresAt: "connectionExpiresAt",
  error: "connectionError",
  scopes: "connectionScopes",
  sites: "connectionSites",
} as const satisfies Record<keyof Connection, string>;
