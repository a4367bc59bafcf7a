/**
 * What was opened a moment ago. A version never changes, so what is kept of it is right for as long
 * as its owner points at it, which is asked each time.
 */
const MOST = 200;
const KEPT_MS = 5 * 60_000;

const kept = new Map<string, { readonly value: unknown; readonly until: number }>();

/** `open` is asked where `version` was not opened lately. Undefined is not kept. */
export async function openedOnce<T>(
  { tenantId, ownerId }: { readonly tenantId: string; readonly ownerId: string },
  version: string,
  open: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const key = `${tenantId} ${ownerId} ${version}`;
  const found = kept.get(key);
  if (found && performance.now() < found.until) return found.value as T;

  const value = await open();
  kept.delete(key);
  if (value !== undefined) kept.set(key, { value, until: performance.now() + KEPT_MS });
  // The one that was kept first goes first.
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST) break;
    kept.delete(oldest);
  }
  return value;
}
