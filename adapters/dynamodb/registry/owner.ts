import type { Tables } from "../client.ts";
import { type ConnectorOwner, connectorsPk, keys } from "../keys.ts";
import { findItems } from "../table/find.ts";

/**
 * Whose version a tenant means by a connector's name: its own, if it has it, or else the platform's
 * (null). Undefined for an unknown one, and for another tenant's.
 */
export async function findOwner(
  tables: Tables,
  tenantId: string,
  connector: string,
  version: string,
): Promise<ConnectorOwner | undefined> {
  const owners = [tenantId, null];
  const places = owners.map((owner) => keys.connector(owner, connector, version));
  const found = new Set((await findItems(tables, places)).map(({ pk }) => pk));
  return owners.find((owner) => found.has(connectorsPk(owner)));
}
