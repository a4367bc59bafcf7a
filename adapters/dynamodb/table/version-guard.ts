import { DomainError } from "../../../schemas/errors.ts";
import type { Item } from "../client.ts";
import { absent, type Condition, matches } from "./condition.ts";

/** Holds for the version that was read; where none was, for no item at all. */
export const atVersion = (seen: { readonly version: number } | undefined): Condition =>
  seen ? matches({ version: seen.version }) : absent();

/** What a failed version condition means: changed meanwhile, or removed. */
export function staleVersion(found?: Item): DomainError {
  const remedy = "Read the item again, and repeat the change with its current version.";
  const details = found?.version === undefined ? {} : { version: found.version };
  return new DomainError("STALE_VERSION", `The stored version is another one. ${remedy}`, details);
}
