/** What DynamoDB asks to be tried again later: conflicts and throttling. */
const THROWN = new Set([
  "TransactionInProgressException",
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
]);

export const ATTEMPTS = 8;
const FIRST_MS = 25;

export const isThrottled = (error: unknown): boolean =>
  error instanceof Error && THROWN.has(error.name);

/** Waits before another attempt: twice as long each time, up to 6 s, and anything below that. */
export const backOff = (attempt: number): Promise<void> =>
  new Promise((wake) => setTimeout(wake, Math.random() * FIRST_MS * 2 ** attempt));
