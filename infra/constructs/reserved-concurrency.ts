import type { Environment } from "../environments.ts";

/** Lambda keeps so many for the functions that reserve none. */
const NEVER_RESERVED = 100;

/**
 * Throws unless what the environment reserves is for functions that there are, and leaves the
 * account what it must have.
 */
export function checkReserved(
  { name, reservedConcurrency }: Environment,
  functions: readonly string[],
): void {
  if (!reservedConcurrency) return;
  const { accountLimit, functions: reserved } = reservedConcurrency;

  const unknown = Object.keys(reserved).filter((id) => !functions.includes(id));
  if (unknown.length > 0) {
    throw new Error(
      `${name} reserves for ${unknown.join(", ")}. Name some of ` +
        `${functions.toSorted().join(", ")}.`,
    );
  }

  const amounts = Object.values(reserved);
  if (!amounts.every((amount) => Number.isInteger(amount) && amount > 0)) {
    throw new Error(
      `${name} reserves ${amounts.join(", ")}. Reserve whole numbers above 0: none would ` +
        "stop the function.",
    );
  }

  const sum = amounts.reduce((total, amount) => total + amount, 0);
  const most = accountLimit - NEVER_RESERVED;
  if (sum <= most) return;

  const remedy =
    `Reserve at most ${most}, or have the account's limit raised and say so in ` +
    "infra/environments.ts.";
  throw new Error(
    `${name} reserves ${sum} of the account's ${accountLimit} concurrent executions. ${remedy}`,
  );
}
