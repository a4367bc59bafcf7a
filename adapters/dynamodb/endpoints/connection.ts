/**
 * What is learned of an endpoint's connection while it works: the vendor took its credentials, or
 * refused them. Nothing here raises the endpoint's version. Quiet about an endpoint that is gone.
 */
import { connected, isProven, refused, withAcceptedCredentials } from "../../../core/connection.ts";
import type { Connection, Endpoint } from "../../../schemas/endpoint.ts";
import type { IngestionError } from "../../../schemas/error.ts";
import type { Item, Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { absent, all, any, exists, isAtMost, isOneOf, matches } from "../table/condition.ts";
import { set, writeIf } from "../table/write.ts";
import { connectionValues } from "./items.ts";
import { findEndpoint } from "./store.ts";

interface Address {
  readonly tenantId: string;
  readonly endpointId: string;
}

/**
 * With which credentials it was learned: those of a version, or those that the endpoint had at an
 * instant. Of others that it has by now, nothing was learned.
 */
export type Tried = { readonly version: string | null } | { readonly since: string };

/** The vendor took them. Costs no write while that was shown minutes ago. */
export async function saveConnected(
  tables: Tables,
  address: Address,
  tried: Tried,
  at: Date,
): Promise<void> {
  const seen = await findEndpoint(tables, address.tenantId, address.endpointId);
  if (!seen || isProven(seen.connection, at)) return;

  const next = connected(seen.connection, at);
  await saveLearned(tables, seen, tried, { connection: next });
}

/**
 * The vendor took them in a test. The collection that they failed, where the last one did, is over
 * as well.
 */
export async function saveAcceptedCredentials(
  tables: Tables,
  address: Address,
  tried: Tried,
  at: Date,
): Promise<void> {
  const seen = await findEndpoint(tables, address.tenantId, address.endpointId);
  if (!seen) return;

  const { status, lastError, connection } = withAcceptedCredentials(seen, at);
  const catalog = status === seen.status ? {} : { status, lastError };
  if (status === seen.status && isProven(seen.connection, at)) return;
  await saveLearned(tables, seen, tried, { connection, ...catalog });
}

/** The vendor refused them. `error` holds nothing that the vendor wrote. */
export async function saveRefused(
  tables: Tables,
  address: Address,
  tried: Tried,
  error: IngestionError,
): Promise<void> {
  const seen = await findEndpoint(tables, address.tenantId, address.endpointId);
  if (seen) await saveLearned(tables, seen, tried, { connection: refused(seen.connection, error) });
}

/**
 * Sets some of the connection while the endpoint has these credentials; false when it has others,
 * or is gone. For whoever renews or forecasts them.
 */
export function saveConnection(
  tables: Tables,
  { tenantId, endpointId }: Address,
  credentialVersion: string | null,
  changes: Partial<Connection>,
): Promise<boolean> {
  const same = all(exists(), matches({ credentialVersion }));
  const key = keys.endpoint(tenantId, endpointId);
  return writeIf(tables, set(tables.control, key, connectionValues(changes), same));
}

/** The second is what an earlier release wrote for the first. */
const FAILED = ["FAILED", "AUTH_ERROR"];

interface Learned extends Partial<Pick<Endpoint, "status" | "lastError">> {
  readonly connection: Connection;
}

/** Other credentials came, or a collection began: then their word counts. */
async function saveLearned(
  tables: Tables,
  seen: Endpoint,
  tried: Tried,
  { connection, ...catalog }: Learned,
): Promise<void> {
  const { status, lastConnectedAt, error } = connection;
  const learned: Item = {
    ...connectionValues({ status, error, ...(error === null && { lastConnectedAt }) }),
    ...catalog,
  };
  const unchanged =
    "version" in tried
      ? matches({ credentialVersion: tried.version })
      : any(absent("credentialsAt"), isAtMost("credentialsAt", tried.since));
  const still = "status" in catalog ? [isOneOf("status", FAILED)] : [];

  const key = keys.endpoint(seen.tenantId, seen.endpointId);
  await writeIf(tables, set(tables.control, key, learned, all(exists(), unchanged, ...still)));
}
