import type { Checkpoint, CheckpointChange } from "../schemas/checkpoint.ts";

type Position = Pick<Checkpoint, "cursor" | "position">;

/**
 * What moved between two versions of a checkpoint, leaf by leaf, in the order of their paths; null
 * for what is not there.
 */
export function checkpointDiff(before: Position | undefined, after: Position): CheckpointChange[] {
  const old = new Map(before ? leaves(before) : []);
  const now = new Map(leaves(after));
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}

const leaves = ({ cursor, position }: Position) => [
  ["position", position] as [string, unknown],
  ...walk("cursor", cursor),
];

/**
 * Lists are leaves: a boundary set that grew by one is one change, not a shift of all its places.
 */
function walk(path: string, value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) => walk(`${path}.${name}`, inner));
}
