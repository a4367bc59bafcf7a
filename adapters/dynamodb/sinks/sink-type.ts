import { throughOf, typeThrough } from "../../../core/common-data.ts";
import type { Connector } from "../../../schemas/connector.ts";
import type { Sink } from "../../../schemas/sink.ts";
import type { Tables } from "../client.ts";
import { findConnector } from "../registry/connectors.ts";
import { findSink } from "./store.ts";

/**
 * What a sink can do: its type's entry in the registry; of one that is written through another
 * sink, as that one can. Undefined where the registry, or the other sink, is not there.
 */
export async function findSinkType(tables: Tables, sink: Sink): Promise<Connector | undefined> {
  const own = await findConnector(tables, sink.tenantId, sink.type, sink.typeVersion);
  const through = throughOf(sink);
  if (through === undefined || own === undefined) return own;

  const other = await findSink(tables, sink.tenantId, through);
  const theirs =
    other && (await findConnector(tables, other.tenantId, other.type, other.typeVersion));
  return theirs && typeThrough(own, theirs);
}
