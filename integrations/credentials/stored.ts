import type { Kind } from "./kind.ts";

/** Credentials that calls are sent with as they are stored, or with these values of them. */
export const storedAs = (names?: readonly string[]): Kind => ({
  spends: false,
  given: (stored) => ({
    secret: Object.fromEntries(
      Object.entries(stored).filter(([name]) => names === undefined || names.includes(name)),
    ),
    expiresAt: null,
    obtainedAt: null,
    scopes: null,
  }),
});
