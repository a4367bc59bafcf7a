const AT_ONCE = 10;

/**
 * Does the work on all of them, ten at a time: one call to Temporal or a table takes tens of milliseconds, and a thousand of
 * them one by one take longer than the minute that a reconciliation has. Throws what the first one throws.
 */
export async function inTens<T>(
  all: AsyncIterable<T> | Iterable<T>,
  work: (one: T) => Promise<unknown>,
): Promise<void> {
  let group: T[] = [];
  for await (const one of all) {
    group.push(one);
    if (group.length < AT_ONCE) continue;
    await Promise.all(group.map(work));
    group = [];
  }
  await Promise.all(group.map(work));
}
