import type { Probe } from "../schemas/collection.ts";

/**
 * The API waits 25 s for an answer and then says where to ask; whoever asks on for longer than this
 * asks anew.
 */
const WAITED_FOR_MS = 90_000;

/** Until when somebody waits for the probe's answer. */
export function probeDeadline({ queuedAt }: Pick<Probe, "queuedAt">): Date {
  return new Date(Date.parse(queuedAt) + WAITED_FOR_MS);
}
