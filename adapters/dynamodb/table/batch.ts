import { ATTEMPTS, backOff, isThrottled } from "./backoff.ts";

/**
 * Does a batch until nothing of it is left. `act` answers what DynamoDB left undone, which is most
 * of it when it throttles: that is tried again after a wait. Throws after eight attempts in a row
 * that got nothing done.
 */
export async function allOf<T>(
  batch: readonly T[],
  act: (left: T[]) => Promise<readonly T[]>,
): Promise<void> {
  let left = [...batch];
  for (let attempt = 1; left.length > 0; attempt++) {
    const before = left.length;
    left = [...(await unlessThrottled(left, act))];
    if (left.length === 0) return;

    if (left.length < before) attempt = 0;
    if (attempt >= ATTEMPTS) throw new Error(`DynamoDB did nothing of ${left.length} requests.`);
    await backOff(attempt);
  }
}

async function unlessThrottled<T>(
  left: T[],
  act: (left: T[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    return await act(left);
  } catch (error) {
    if (isThrottled(error)) return left;
    throw error;
  }
}
