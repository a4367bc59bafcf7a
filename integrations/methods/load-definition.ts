import { findConnector } from "../../adapters/dynamodb/registry/connectors.ts";
import { ttlMaps } from "../../core/ttl-map.ts";
import type { Connector } from "../../schemas/connector.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { MethodDeps } from "./call.ts";
import { notFound } from "./call-failed.ts";
import type { Instance } from "./instance.ts";

/** A version that becomes inactive is not called any more within so long. */
const KNOWN_MS = 30_000;
const definitionsOf = ttlMaps<Connector>({ ttlMs: KNOWN_MS, most: 500 });

/**
 * The instance's definition: the version of the connector that it pins, as the tenant sees it.
 * Throws `Integration definition not found: …`, or `CONNECTOR_INACTIVE`.
 */
export async function loadDefinition(
  { tables, now }: MethodDeps,
  { endpoint }: Instance,
): Promise<Connector> {
  const { tenantId, connector, connectorVersion } = endpoint;
  const id = `${connector}@${connectorVersion}`;

  const definition = await definitionsOf(tables).through(`${tenantId} ${id}`, now().getTime(), () =>
    findConnector(tables, tenantId, connector, connectorVersion),
  );
  if (!definition) throw notFound("Integration definition", id);

  if (definition.status === "inactive") {
    throw new DomainError(
      "CONNECTOR_INACTIVE",
      `Version ${connectorVersion} of ${connector} is inactive and is not called. Upgrade the ` +
        "endpoint: POST /endpoints/{endpointId}/upgrade.",
    );
  }
  return definition;
}
