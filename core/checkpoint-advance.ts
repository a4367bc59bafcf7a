import type { NextCheckpoint } from "../schemas/checkpoint.ts";

/**
 * Whether `next` may be published over `current`: a checkpoint never goes back. Without a position
 * on either side the cursor is opaque, and the order of commits decides.
 */
export function mayAdvance(current: NextCheckpoint | null, next: NextCheckpoint): boolean {
  if (current === null || current.position === null || next.position === null) return true;
  return next.position >= current.position;
}
