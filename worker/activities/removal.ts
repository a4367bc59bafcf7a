import type { RemovalStep } from "../../schemas/deletion.ts";

/** One bite: answers where to go on, null when nothing is left. */
export type Step = Promise<string | null>;

/** Where to go on when what is gone is not found again. */
export const MORE = "";

const LONGEST_MS = 60_000;

/**
 * Takes bites until nothing is left, or for a minute: then the workflow has the next position in
 * its history.
 */
export async function removeFor(
  after: string | null,
  step: (after: string | null) => Step,
): Promise<RemovalStep> {
  const until = Date.now() + LONGEST_MS;
  let next = await step(after);
  while (next !== null && Date.now() < until) next = await step(next);
  return { next };
}
