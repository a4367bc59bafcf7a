import { SinkNameTaken } from "../../../adapters/dynamodb/sinks/name.ts";
import type { Sink } from "../../../schemas/sink.ts";

/**
 * Throws `CONFLICT` before anything is tried or written. It is the transaction that decides between
 * two at once; this knows the names of older sinks, too, which have no item.
 */
export function refuseTakenName(others: readonly Sink[], name: string): void {
  if (others.some((other) => other.name === name)) throw new SinkNameTaken();
}
