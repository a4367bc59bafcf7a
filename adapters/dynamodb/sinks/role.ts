/**
 * The role that a sink's credentials name, beside the sink: the run that lands there may assume it
 * and no other, which is decided before anybody opens the credentials. Never shown.
 */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Sink } from "../../../schemas/sink.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import type { OfferedSink } from "../probes/store.ts";
import type { ConditionalWrite } from "../table/transact.ts";
import { getSink } from "./store.ts";

/** Keeps the role of these credentials, or that they name none. */
export function sinkRoleWrite(
  tables: Tables,
  { tenantId, sinkId, credentialVersion }: Pick<Sink, "tenantId" | "sinkId" | "credentialVersion">,
  roleArn: string | null,
): ConditionalWrite {
  const Key = keys.sinkRole(tenantId, sinkId);
  if (roleArn === null) return { write: { Delete: { TableName: tables.control, Key } } };
  const Item = { ...Key, entity: "sink-role", tenantId, sinkId, credentialVersion, roleArn };
  return { write: { Put: { TableName: tables.control, Item } } };
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
  const get = new GetCommand({
    TableName: tables.control,
    Key: keys.sinkRole(tenantId, sinkId),
    ConsistentRead: true,
  });
  const { Item } = sink.credentialVersion === null ? {} : await tables.client.send(get);
  // Of other credentials than those that count now, the role counts for nothing.
  const counts =
    Item?.credentialVersion === sink.credentialVersion && typeof Item?.roleArn === "string";
  return { sink, roleArn: counts ? String(Item?.roleArn) : null };
}
