/** What a log may say of an error: its message may hold what somebody wrote. */
export const errorName = (error: unknown): string =>
  error instanceof Error ? error.name : "unknown";
