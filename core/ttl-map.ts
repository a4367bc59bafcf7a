/** What is known for a while: bounded, and the oldest goes first. Time is passed in. */
export class TtlMap<V> {
  readonly #kept = new Map<string, { readonly value: V; readonly until: number }>();
  readonly #ttlMs: number;
  readonly #most: number;

  constructor({ ttlMs, most }: { readonly ttlMs: number; readonly most: number }) {
    this.#ttlMs = ttlMs;
    this.#most = most;
  }

  /** Undefined for what is not known, or was known for too long. */
  get(key: string, nowMs: number): V | undefined {
    const found = this.#kept.get(key);
    return found && nowMs < found.until ? found.value : undefined;
  }

  /** `untilMs`: the value is wrong from then on, however long others are known. */
  set(key: string, value: V, nowMs: number, untilMs = Number.POSITIVE_INFINITY): void {
    this.#kept.delete(key);
    this.#kept.set(key, { value, until: Math.min(nowMs + this.#ttlMs, untilMs) });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest);
  }

  /**
   * What is known, or else what `read` finds, which is known from then on: asking for it does not
   * make it known for longer. What `read` does not find is asked for again.
   */
  async through(
    key: string,
    nowMs: number,
    read: () => Promise<V | undefined>,
  ): Promise<V | undefined> {
    const known = this.get(key, nowMs);
    if (known !== undefined) return known;

    const found = await read();
    if (found !== undefined) this.set(key, found, nowMs);
    return found;
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }
}

/** A map for each `owner`: what was read of one is not known of another. */
export function ttlMaps<V>(
  bounds: ConstructorParameters<typeof TtlMap<V>>[0],
): (owner: object) => TtlMap<V> {
  const maps = new WeakMap<object, TtlMap<V>>();
  return (owner) => {
    const found = maps.get(owner) ?? new TtlMap<V>(bounds);
    maps.set(owner, found);
    return found;
  };
}
