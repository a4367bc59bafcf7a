import { withAcceptedCredentials } from "../../../core/accepted-credentials.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { matches } from "../table/condition.ts";
import { set, writeIf } from "../table/write.ts";
import { findEndpoint } from "./store.ts";

/**
 * The source took this version of the endpoint's credentials: an earlier `AUTH_ERROR` is over.
 * Quiet when there is none, no endpoint, or when the endpoint has other credentials by now, or
 * none.
 */
export async function saveAcceptedCredentials(
  tables: Tables,
  tenantId: string,
  endpointId: string,
  tried: string,
): Promise<void> {
  const seen = await findEndpoint(tables, tenantId, endpointId);
  if (seen?.status !== "AUTH_ERROR" || seen.credentialVersion !== tried) return;
  const { status, lastError } = withAcceptedCredentials(seen);
  // A collection began, or other credentials came: their word counts.
  const unchanged = matches({ status: seen.status, credentialVersion: tried });
  const key = keys.endpoint(tenantId, endpointId);
  await writeIf(tables, set(tables.control, key, { status, lastError }, unchanged));
}
