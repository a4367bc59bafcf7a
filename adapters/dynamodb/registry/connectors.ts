import { checkKeywords } from "../../../core/schema-keywords.ts";
import { newestFirst } from "../../../core/version-order.ts";
import type { Connector, Manifest } from "../../../schemas/connector.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Tables } from "../client.ts";
import { connectorsPk, keys } from "../keys.ts";
import { findItem } from "../table/find.ts";
import { listAll } from "../table/page.ts";
import { put, write } from "../table/write.ts";
import { connectorItem, toConnector } from "./items.ts";

/** Every published version of every connector. */
export async function listConnectors(tables: Tables): Promise<Connector[]> {
  return listAll(tables, { pk: connectorsPk, prefix: "CONNECTOR#" }, toConnector);
}

/** Published versions of one connector, newest first; empty for an unknown name. */
export async function listConnectorVersions(tables: Tables, name: string): Promise<Connector[]> {
  const versions = await listAll(
    tables,
    { pk: connectorsPk, prefix: `CONNECTOR#${name}#` },
    toConnector,
  );
  return versions.sort((a, b) => newestFirst(a.version, b.version));
}

/**
 * The version that new things take: the newest that is active, or else the newest. Undefined where
 * there is none.
 */
export function activeVersion(versions: readonly Connector[]): Connector | undefined {
  const sorted = [...versions].sort((a, b) => newestFirst(a.version, b.version));
  return sorted.find(({ status }) => status === "active") ?? sorted[0];
}

/** Throws `NOT_FOUND` when no such version was published. */
export async function getConnector(
  tables: Tables,
  name: string,
  version: string,
): Promise<Connector> {
  const found = await findConnector(tables, name, version);
  if (found) return found;
  throw new DomainError(
    "NOT_FOUND",
    "There is no such connector or version. List them with GET /connectors.",
  );
}

export async function findConnector(
  tables: Tables,
  name: string,
  version: string,
): Promise<Connector | undefined> {
  const item = await findItem(tables, keys.connector(name, version), { eventually: true });
  return item && toConnector(item);
}

/**
 * Puts a worker's manifest into the registry. Versions that are there already are written again,
 * others stay. Throws `CONFIG_INVALID` when a schema uses a keyword that configs would not be
 * checked against; then nothing is written.
 */
export async function publishManifest(tables: Tables, manifest: Manifest): Promise<void> {
  for (const connector of manifest.connectors) checkSchemas(connector);
  for (const connector of manifest.connectors)
    await write(tables, put(tables.control, connectorItem(connector)));
}

function checkSchemas({ name, configSchema, secretSchema, units }: Connector): void {
  checkKeywords(name, [
    configSchema,
    ...Object.values(secretSchema),
    ...units.map(({ policySchema }) => policySchema),
  ]);
}
