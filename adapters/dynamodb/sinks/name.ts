/**
 * A sink's name is its own among its tenant's: an item per name, which comes, moves and goes with
 * the sink. Sinks that are older than this rule have none until they are renamed, so whoever takes
 * a name looks at the list of sinks, too.
 */
import { DomainError } from "../../../schemas/errors.ts";
import type { Sink } from "../../../schemas/sink.ts";
import type { Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { absent } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { type ConditionalWrite, put, remove } from "../table/write.ts";

/** `CONFLICT`: the name is another sink's. */
export class SinkNameTaken extends DomainError {
  constructor() {
    const errors = [{ path: "name", message: "is another sink's" }];
    super("CONFLICT", "Another sink has this name. Choose another, or change that one.", {
      errors,
    });
  }
}

/**
 * The name becomes the sink's. Fails with `SinkNameTaken` when it is another's, whoever was faster.
 */
export function sinkNameWrite(tables: Tables, { tenantId, sinkId, name }: Sink): ConditionalWrite {
  const item = { ...keys.sinkName(tenantId, name), entity: "sink-name", tenantId, sinkId };
  return put(tables.control, item, absent(), () => new SinkNameTaken());
}

/**
 * Writes that give the name of `seen` to whoever wants it, once in a transaction that holds to that
 * version: while it is stored nobody else moves its name. None for a sink that is older than names'
 * items.
 */
export async function sinkNameReleased(tables: Tables, seen: Sink): Promise<ConditionalWrite[]> {
  const key = keys.sinkName(seen.tenantId, seen.name);
  const item = await findItem(tables, key);
  return item?.sinkId === seen.sinkId ? [remove(tables.control, key)] : [];
}

/** Writes of a sink that is called otherwise than before; none when it is not. */
export async function sinkRenamed(
  tables: Tables,
  sink: Sink,
  seen: Sink,
): Promise<ConditionalWrite[]> {
  if (sink.name === seen.name) return [];
  return [sinkNameWrite(tables, sink), ...(await sinkNameReleased(tables, seen))];
}
