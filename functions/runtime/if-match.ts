import { staleVersion } from "../../adapters/dynamodb/table/version-guard.ts";
import { DomainError } from "../../schemas/errors.ts";

/**
 * Whether a change may go on over the stored version. Throws `PRECONDITION_REQUIRED` when the
 * caller did not say which version it read, `STALE_VERSION` when that is not the stored one.
 */
export function requireMatch(
  ifMatch: number | "*" | undefined,
  stored: { readonly version: number },
): void {
  if (ifMatch === undefined) {
    const remedy = "Read the item, and send its ETag as If-Match.";
    throw new DomainError("PRECONDITION_REQUIRED", `This changes a versioned item. ${remedy}`);
  }
  checkMatch(ifMatch, stored);
}

/** Like `requireMatch`, but the caller need not say. */
export function checkMatch(
  ifMatch: number | "*" | undefined,
  stored: { readonly version: number },
): void {
  if (typeof ifMatch === "number" && ifMatch !== stored.version)
    throw staleVersion({ version: stored.version });
}
