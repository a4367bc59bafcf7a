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

  delete(key: string): void {
    this.#kept.delete(key);
  }
}
