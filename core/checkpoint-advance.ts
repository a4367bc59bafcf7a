import type { NextCheckpoint } from "../schemas/checkpoint.ts";

/**
 * Whether `next` may be published over `current`: a checkpoint never goes back. Without a position
 * on either side the cursor is opaque, and the order of commits decides. One of another place or
 * another making of the table is no successor: what `current` counts is not there.
 */
export function mayAdvance(current: NextCheckpoint | null, next: NextCheckpoint): boolean {
  if (current === null || current.position === null || next.position === null) return true;
  return next.position >= current.position || isElsewhere(current, next);
}

/** By the member `identity` of `python-worker/src/inlet_worker/pipeline/identity.py`. */
function isElsewhere(current: NextCheckpoint, next: NextCheckpoint): boolean {
  const [before, now] = [identityOf(current), identityOf(next)];
  if (!now) return false; // of a worker of before
  return before?.place !== now.place || before?.made !== now.made;
}

function identityOf({ cursor }: NextCheckpoint) {
  const { identity } = cursor as { identity?: { place?: string; made?: string } };
  return identity?.place === undefined ? undefined : identity;
}
