import { DomainError } from "../../schemas/errors.ts";
import type { Sink } from "../../schemas/sink.ts";

/** Two sinks of one name would be hard to tell apart, but harmless: a race between two creations may still make them. */
export function refuseTakenName(others: readonly Sink[], name: string): void {
  if (!others.some((other) => other.name === name)) return;
  throw new DomainError("CONFLICT", "Another sink has this name. Choose another, or change that one.");
}
