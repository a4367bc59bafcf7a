import { expect, it } from "vitest";
import { ERRORS } from "../schemas/errors.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";

it.each([
  ["VALIDATION_ERROR", EXIT.usage],
  ["CONFIG_INVALID", EXIT.usage],
  ["IDEMPOTENCY_MISMATCH", EXIT.usage],
  ["UNAUTHENTICATED", EXIT.auth],
  ["FORBIDDEN", EXIT.auth],
  ["NOT_FOUND", EXIT.notFound],
  ["UNIT_UNKNOWN", EXIT.notFound],
  ["RUN_ACTIVE", EXIT.conflict],
  ["STALE_VERSION", EXIT.conflict],
  ["PRECONDITION_REQUIRED", EXIT.conflict],
  ["RATE_LIMITED", EXIT.server],
  ["INTERNAL", EXIT.server],
  ["SOURCE_UNAVAILABLE", EXIT.server],
] as const)("%s exits with %i", (code, exit) => {
  expect(exitCodeOf(ERRORS[code].status)).toBe(exit);
});

it("no refusal exits as if all were well", () => {
  for (const { status } of Object.values(ERRORS))
    expect(exitCodeOf(status)).toBeGreaterThan(EXIT.bug);
});
