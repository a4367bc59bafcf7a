import type { Endpoint } from "../schemas/endpoint.ts";

/**
 * What the endpoint becomes once the source has taken its credentials: the error that it took none
 * is over.
 */
export function withAcceptedCredentials(endpoint: Endpoint): Endpoint {
  if (endpoint.status !== "AUTH_ERROR") return endpoint;
  return {
    ...endpoint,
    status: endpoint.lastCollectedAt === null ? "NEW" : "READY",
    lastError: null,
  };
}
