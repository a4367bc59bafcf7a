/** How long to wait before a call is made again. */
export interface RetryRules {
  /** Calls in all, the first included. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * Milliseconds before the attempt that follows `attempt` (1, 2, …): any time up to a doubling bound
 * ("full jitter": those that failed together do not return together), never before the time that
 * the vendor names. `chance` is a random number in [0, 1). Undefined: no attempt is left, or the
 * next would begin at `leftMs` or later, when nobody waits for it any more.
 */
export function retryDelayMs(
  { attempts, firstDelayMs, maxDelayMs }: RetryRules,
  attempt: number,
  chance: number,
  { retryAfterSeconds, leftMs }: { readonly retryAfterSeconds?: number; readonly leftMs: number },
): number | undefined {
  if (attempt >= attempts) return undefined;
  const bound = Math.min(maxDelayMs, firstDelayMs * 2 ** (attempt - 1));
  const jitter = Math.floor(chance * bound);
  const delay =
    retryAfterSeconds === undefined ? jitter : Math.ceil(retryAfterSeconds * 1000) + jitter;
  return delay < leftMs ? delay : undefined;
}
