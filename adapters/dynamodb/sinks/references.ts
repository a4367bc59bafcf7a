/**
 * What may refer to a sink, and when. A deletion puts a mark in the sink's way before it looks for
 * what refers to it; the mark stays when the sink is gone, since its id comes never again. Whatever
 * makes a reference is held to there being no mark. So either the reference was there when the
 * deletion looked, or it is refused.
 */
import { KB_SINK } from "../../../core/unit-config-rules.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Item, Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { absent, all, matches } from "../table/condition.ts";
import { overtaken, transact, transactUnlessOvertaken } from "../table/transact.ts";
import { type ConditionalWrite, check, remove } from "../table/write.ts";

export interface SinkAddress {
  readonly tenantId: string;
  readonly sinkId: string;
}

/** Longer than a deletion's request can live: after that nobody is looking any more. */
const LOOKS_FOR_MS = 60_000;

/** What was to refer to the sink may not: it is gone, or being deleted `since`. */
export class SinkRefused extends DomainError {
  readonly since: string | undefined;

  constructor(since: string | undefined) {
    const path = "sinkId";
    if (since === undefined) {
      const errors = [{ path, message: "must be a registered sink (GET /sinks) or kb" }];
      super("CONFIG_INVALID", "The sink was deleted. Choose another: GET /sinks.", { errors });
    } else {
      const errors = [{ path, message: "is being deleted" }];
      super("CONFLICT", "The sink is being deleted. Choose another, or try again in a minute.", {
        errors,
      });
    }
    this.since = since;
  }
}

/** Holds a transaction to a sink that is neither being deleted nor gone. */
export function unlessSinkDeleted(
  tables: Tables,
  { tenantId, sinkId }: SinkAddress,
): ConditionalWrite {
  const otherwise = (found: Item | undefined) =>
    new SinkRefused(found?.goneAt === undefined ? String(found?.since) : undefined);
  return check(tables.control, keys.sinkDeletion(tenantId, sinkId), absent(), otherwise);
}

/**
 * `transact` of writes that make something refer to a sink, held to its being there; `undefined`
 * and the knowledge base hold to nothing. A mark that was left by a deletion that died is lifted.
 * Throws `CONFLICT` or `CONFIG_INVALID` of the sink.
 */
export async function transactReferring(
  tables: Tables,
  sink: SinkAddress | undefined,
  now: Date,
  writes: readonly ConditionalWrite[],
): Promise<void> {
  if (sink === undefined || sink.sinkId === KB_SINK) return transact(tables, writes);

  const held = [...writes, unlessSinkDeleted(tables, sink)];
  try {
    await transact(tables, held);
  } catch (error) {
    const since = error instanceof SinkRefused ? error.since : undefined;
    if (since === undefined || now.getTime() - Date.parse(since) < LOOKS_FOR_MS) throw error;
    await liftSinkMark(tables, sink, since);
    await transact(tables, held);
  }
}

/**
 * Takes away the mark of a deletion that goes no further; one of another deletion, and a gone
 * sink's, stays.
 */
export async function liftSinkMark(
  tables: Tables,
  { tenantId, sinkId }: SinkAddress,
  since: string,
): Promise<void> {
  const key = keys.sinkDeletion(tenantId, sinkId);
  const mine = all(matches({ since }), absent("goneAt"));
  await transactUnlessOvertaken(tables, [remove(tables.control, key, mine, overtaken)]);
}
