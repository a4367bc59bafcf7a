import type { Connector } from "../schemas/connector.ts";
import type { Endpoint } from "../schemas/endpoint.ts";
import type { EndpointHealth } from "../schemas/operations/answers.ts";
import type { UnitState } from "../schemas/unit-state.ts";
import { hasCatalogue } from "./catalogue-rules.ts";

/**
 * Healthy: enabled, collected, without an error, with credentials that the source does not refuse,
 * and no unit whose last run failed. One with methods only is collected by nobody: its vendor has
 * taken its credentials. Never green on no evidence.
 */
export function endpointHealth(
  endpoint: Endpoint,
  states: readonly UnitState[],
  connector: Pick<Connector, "name" | "capabilities">,
): EndpointHealth {
  const units = states.map(({ unitId, lastStatus, finishedAt }) => ({
    unitId,
    lastStatus,
    finishedAt,
  }));
  const failing = units.some(
    ({ lastStatus }) => lastStatus === "FAILED" || lastStatus === "SUSPICIOUS",
  );

  const { endpointId, enabled, status, lastCollectedAt, lastError, connection } = endpoint;

  const healthy =
    enabled &&
    (hasCatalogue(connector) ? lastCollectedAt !== null : connection.lastConnectedAt !== null) &&
    lastError === null &&
    connection.status !== "AUTH_ERROR" &&
    !failing;
  const hasCredentials = endpoint.credentialVersion !== null;

  return {
    endpointId,
    healthy,
    enabled,
    status,
    hasCredentials,
    connection: shownConnection(connection),
    lastCollectedAt,
    lastError,
    units,
  };
}

const shownConnection = ({ status, expiresAt, error }: Endpoint["connection"]) => ({
  status,
  expiresAt,
  error,
});
