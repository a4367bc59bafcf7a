const AT_ONCE = 10;

/**
 * Does the work on all of them, ten at a time: one call to Temporal or a table takes tens of
 * milliseconds, and a thousand of them one by one take longer than the minute that a reconciliation
 * has. One that fails keeps none behind it from its turn; what the first of them threw is thrown at
 * the end.
 */
export async function inTens<T>(
  all: AsyncIterable<T> | Iterable<T>,
  work: (one: T) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = [];
  const workOn = async (group: readonly T[]) => {
    for (const done of await Promise.allSettled(group.map(work))) {
      if (done.status === "rejected") failures.push(done.reason);
    }
  };

  let group: T[] = [];
  for await (const one of all) {
    group.push(one);
    if (group.length < AT_ONCE) continue;
    await workOn(group);
    group = [];
  }
  await workOn(group);
  if (failures.length > 0) throw failures[0];
}
