/** How an endpoint's connection goes on: what is shown after the vendor took, or refused. */
import type { Connection, Endpoint } from "../schemas/endpoint.ts";
import type { IngestionError } from "../schemas/error.ts";

/** Of an endpoint whose credentials nobody has tried, or that has none. */
export const NOT_CONNECTED: Connection = {
  status: "NOT_CONNECTED",
  lastConnectedAt: null,
  expiresAt: null,
  error: null,
  scopes: null,
  sites: null,
};

/** Proof of a minute ago is as good as one of now, and costs no write. */
const PROOF_LASTS_MS = 10 * 60_000;

/** The vendor took the credentials. What expires soon still does. */
export function connected(connection: Connection, at: Date): Connection {
  const status = connection.status === "EXPIRING" ? "EXPIRING" : "CONNECTED";
  return { ...connection, status, lastConnectedAt: at.toISOString(), error: null };
}

/** Its site was chosen: the vendor gave the tokens when it was asked, and nothing is left to do. */
export const withChosenSite = (endpoint: Endpoint, at: Date): Endpoint => ({
  ...endpoint,
  connection: connected({ ...endpoint.connection, sites: null }, at),
});

/** Whether one more success would show anybody something new. */
export function isProven({ status, lastConnectedAt }: Connection, at: Date): boolean {
  if (status !== "CONNECTED" && status !== "EXPIRING") return false;
  return at.getTime() - Date.parse(lastConnectedAt ?? "") < PROOF_LASTS_MS;
}

/** The vendor refused them, or they are gone. `error` holds nothing that the vendor wrote. */
export const refused = (connection: Connection, error: IngestionError): Connection => ({
  ...connection,
  status: "AUTH_ERROR",
  error,
});

/**
 * The endpoint once the source has taken its credentials: a collection that they failed is over,
 * too.
 */
export function withAcceptedCredentials(endpoint: Endpoint, at: Date): Endpoint {
  return { ...withoutRefusal(endpoint), connection: connected(endpoint.connection, at) };
}

/** The catalogue's own error, where it was that the source took no credentials, is over. */
function withoutRefusal(endpoint: Endpoint): Endpoint {
  if (endpoint.status !== "FAILED" || endpoint.lastError?.code !== "AUTH_ERROR") return endpoint;
  return { ...endpoint, status: uncollected(endpoint.lastCollectedAt), lastError: null };
}

/** As a release wrote it that had one status for both: `AUTH_ERROR` stood among the catalogue's. */
export interface EarlierEndpoint {
  readonly status: string;
  readonly lastError: IngestionError | null;
  readonly lastCollectedAt: string | null;
  readonly credentialVersion: string | null;
}

/** The two statuses that it means. */
export function bothStatuses(earlier: EarlierEndpoint) {
  const { status, lastError, lastCollectedAt, credentialVersion } = earlier;

  if (status === "AUTH_ERROR") {
    const connection = { ...NOT_CONNECTED, status, error: lastError };
    // Without credentials no collection failed: the change of an address took them.
    return credentialVersion === null
      ? { status: uncollected(lastCollectedAt), lastError: null, connection }
      : { status: "FAILED", lastError, connection };
  }

  const proven = status === "READY" && credentialVersion !== null && lastCollectedAt !== null;
  const connection = proven ? connected(NOT_CONNECTED, new Date(lastCollectedAt)) : NOT_CONNECTED;
  return { status, lastError, connection };
}

const uncollected = (lastCollectedAt: string | null) =>
  lastCollectedAt === null ? ("NEW" as const) : ("READY" as const);
