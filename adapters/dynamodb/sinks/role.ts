/**
 * The role that a sink's credentials name, beside the sink: the run that lands there may assume it
 * and no other, which is decided before anybody opens the credentials. Never shown.
 */
import { throughOf } from "../../../core/common-data.ts";
import type { Sink } from "../../../schemas/sink.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import type { OfferedSink } from "../probes/store.ts";
import { findItem } from "../table/find.ts";
import { type ConditionalWrite, put, remove } from "../table/write.ts";
import { getSink } from "./store.ts";

/** Keeps the role of these credentials, or that they name none. */
export function sinkRoleWrite(
  tables: Tables,
  { tenantId, sinkId, credentialVersion }: Pick<Sink, "tenantId" | "sinkId" | "credentialVersion">,
  roleArn: string | null,
): ConditionalWrite {
  const key = keys.sinkRole(tenantId, sinkId);
  if (roleArn === null) return remove(tables.control, key);
  const item = { ...key, entity: "sink-role", tenantId, sinkId, credentialVersion, roleArn };
  return put(tables.control, item);
}

/**
 * The sink as the data plane is asked for it. Throws `NOT_FOUND` when the tenant has no such sink.
 */
export async function getAskedSink(
  tables: Tables,
  tenantId: string,
  sinkId: string,
): Promise<OfferedSink> {
  const sink = await getSink(tables, tenantId, sinkId);
  const { credentialVersion } = sink;
  const item =
    credentialVersion === null
      ? undefined
      : await findItem(tables, keys.sinkRole(tenantId, sinkId));

  // Of other credentials than those that count now, the role counts for nothing.
  const counts = item?.credentialVersion === credentialVersion && typeof item?.roleArn === "string";
  const asked = { sink, roleArn: counts ? String(item?.roleArn) : null };
  const through = throughOf(sink);
  return through === undefined
    ? asked
    : { ...asked, through: await getAskedSink(tables, tenantId, through) };
}
