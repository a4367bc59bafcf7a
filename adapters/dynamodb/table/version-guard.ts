import { DomainError } from "../../../schemas/errors.ts";

/** Condition of a write that replaces a version that was read. */
export const atVersion = (version: number) => ({
  ConditionExpression: "#version = :version",
  ExpressionAttributeNames: { "#version": "version" },
  ExpressionAttributeValues: { ":version": version },
});

export const ABSENT = { ConditionExpression: "attribute_not_exists(pk)" } as const;

/** What a failed version condition means: changed meanwhile, or removed. */
export function staleVersion(found?: Record<string, unknown>): DomainError {
  const remedy = "Read the item again, and repeat the change with its current version.";
  const details = found?.version === undefined ? {} : { version: found.version };
  return new DomainError("STALE_VERSION", `The stored version is another one. ${remedy}`, details);
}
