/**
 * Published versions of connectors: the platform's, which every tenant sees, and a tenant's own,
 * which nobody else does. Where both have a name, it means the tenant's.
 */
import { checkKeywords } from "../../../core/schema-keywords.ts";
import { newestFirst } from "../../../core/version-order.ts";
import type { Connector, Manifest } from "../../../schemas/connector.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { type ConnectorOwner, connectorsPk, keys } from "../keys.ts";
import { findItem, findItems } from "../table/find.ts";
import { listAll } from "../table/page.ts";
import { put, write } from "../table/write.ts";
import { connectorItem, toConnector } from "./items.ts";
import { putMethods } from "./methods.ts";

/** A connector, and whose it is. */
export interface OwnedConnector {
  readonly owner: ConnectorOwner;
  readonly connector: Connector;
}

/** Every published version of every connector that the tenant sees. */
export async function listVisible(tables: Tables, tenantId: string): Promise<OwnedConnector[]> {
  const [own, platform] = await Promise.all([
    listOwned(tables, tenantId),
    listPlatformConnectors(tables),
  ]);
  const names = new Set(own.map(({ name }) => name));
  return [
    ...own.map((connector) => ({ owner: tenantId, connector })),
    ...platform
      .filter(({ name }) => !names.has(name))
      .map((connector) => ({ owner: null, connector })),
  ];
}

export async function listConnectors(tables: Tables, tenantId: string): Promise<Connector[]> {
  return (await listVisible(tables, tenantId)).map(({ connector }) => connector);
}

export const listPlatformConnectors = (tables: Tables): Promise<Connector[]> =>
  listOwned(tables, null);

export const listPlatformVersions = (tables: Tables, name: string): Promise<Connector[]> =>
  listOwned(tables, null, `${name}#`);

/** Published versions of one connector, newest first; empty for an unknown name. */
export async function listConnectorVersions(
  tables: Tables,
  tenantId: string,
  name: string,
): Promise<Connector[]> {
  const [own, platform] = await Promise.all(
    [tenantId, null].map((owner) => listOwned(tables, owner, `${name}#`)),
  );
  const versions = own?.length ? own : (platform ?? []);
  return versions.sort((a, b) => newestFirst(a.version, b.version));
}

/** Of the platform, or the tenant's own and no others. */
function listOwned(tables: Tables, owner: ConnectorOwner, prefix = ""): Promise<Connector[]> {
  const partition = { pk: connectorsPk(owner), prefix: `CONNECTOR#${prefix}` };
  return listAll(tables, partition, toConnector);
}

/**
 * The version that new things take: the newest that is active, or else the newest that is
 * deprecated. Undefined where there is none.
 */
export function activeVersion(versions: readonly Connector[]): Connector | undefined {
  const sorted = [...versions].sort((a, b) => newestFirst(a.version, b.version));
  const callable = sorted.filter(({ status }) => status !== "inactive");
  return callable.find(({ status }) => status === "active") ?? callable[0];
}

/** Throws `NOT_FOUND` when the tenant sees no such version. */
export async function getConnector(
  tables: Tables,
  tenantId: string,
  name: string,
  version: string,
): Promise<Connector> {
  const found = await findConnector(tables, tenantId, name, version);
  if (found) return found;
  throw new DomainError(
    "NOT_FOUND",
    "There is no such connector or version. List them with GET /connectors.",
  );
}

export async function findConnector(
  tables: Tables,
  tenantId: string,
  name: string,
  version: string,
): Promise<Connector | undefined> {
  const places = [tenantId, null].map((owner) => keys.connector(owner, name, version));
  const items = await findItems(tables, places);
  const item = items.find(({ pk }) => pk === connectorsPk(tenantId)) ?? items[0];
  return item && toConnector(item);
}

/**
 * Puts a worker's manifest into the registry. Versions that are there already are written again,
 * others stay. Throws `CONFIG_INVALID` when a schema uses a keyword that configs would not be
 * checked against; then nothing is written.
 */
export async function publishManifest(tables: Tables, manifest: Manifest): Promise<void> {
  for (const connector of manifest.connectors) checkSchemas(connector);
  for (const connector of manifest.connectors) {
    const { name, version, methods } = connector;
    const known = (methods ?? []).map((method) => ({ method, call: null }));
    await putMethods(tables, { owner: null, connector: name, version }, known);
    const key = keys.connector(null, name, version);
    const setStatus = (await findItem(tables, key))?.setStatus;
    const kept = setStatus === undefined ? {} : { setStatus };
    await write(tables, put(tables.control, { ...connectorItem(null, connector), ...kept }));
  }
}

function checkSchemas({ name, configSchema, secretSchema, units, methods }: Connector): void {
  checkKeywords(name, [
    configSchema,
    ...Object.values(secretSchema),
    ...units.map(({ policySchema }) => policySchema),
    ...(methods ?? []).flatMap(({ paramSchema, responseSchema }) => [paramSchema, responseSchema]),
  ]);
}
