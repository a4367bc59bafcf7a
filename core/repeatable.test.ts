import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallFailure, type CallNature, repetition } from "./repeatable.ts";

const WRITE: CallNature = { safe: false, idempotent: false, hasIdempotencyKey: false };
const natures = fc.record({
  safe: fc.boolean(),
  idempotent: fc.boolean(),
  hasIdempotencyKey: fc.boolean(),
});
const failures: fc.Arbitrary<CallFailure> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      ...(["BLOCKED", "UNREACHABLE", "TIMEOUT", "TOO_LARGE", "TLS", "CANCELLED"] as const),
    ),
    sent: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom(
      ...(["AUTH", "FORBIDDEN", "NOT_FOUND", "INVALID", "RATE", "UNAVAILABLE", "OTHER"] as const),
    ),
    notDone: fc.boolean(),
  }),
);

describe("a call that failed", () => {
  it.each([
    ["a write that timed out on its way", { kind: "TIMEOUT", sent: true }, "UNKNOWN"],
    ["a write that never left", { kind: "TIMEOUT", sent: false }, "REPEAT"],
    ["a write whose connection broke", { kind: "UNREACHABLE", sent: true }, "UNKNOWN"],
    ["a write that was cancelled on its way", { kind: "CANCELLED", sent: true }, "UNKNOWN"],
    ["a write whose answer is too large", { kind: "TOO_LARGE", sent: true }, "FINAL"],
    ["a write to an address that is not allowed", { kind: "BLOCKED", sent: false }, "FINAL"],
    ["a write that the vendor had no time for", { kind: "RATE", notDone: true }, "REPEAT"],
    ["a write behind a gateway that gave up", { kind: "UNAVAILABLE", notDone: false }, "UNKNOWN"],
    ["a write that is wrong", { kind: "INVALID", notDone: false }, "FINAL"],
  ] as const)("%s is judged", (_, failure, expected) => {
    expect(repetition(WRITE, failure)).toBe(expected);
  });

  it("is never repeated where it may have been carried out and would do harm", () => {
    fc.assert(
      fc.property(natures, failures, (nature, failure) => {
        const mayBeDone = "notDone" in failure ? !failure.notDone : failure.sent;
        const harmful = !nature.safe && !nature.idempotent && !nature.hasIdempotencyKey;
        if (mayBeDone && harmful) expect(repetition(nature, failure)).not.toBe("REPEAT");
      }),
    );
  });

  it("is unknown only where it may have been carried out", () => {
    fc.assert(
      fc.property(natures, failures, (nature, failure) => {
        if (repetition(nature, failure) !== "UNKNOWN") return;
        expect("notDone" in failure ? !failure.notDone : failure.sent).toBe(true);
        expect(nature).toEqual(WRITE);
      }),
    );
  });

  it("is repeated no less when it does no harm", () => {
    fc.assert(
      fc.property(natures, failures, (nature, failure) => {
        if (repetition(nature, failure) !== "REPEAT") return;
        expect(repetition({ ...nature, safe: true }, failure)).toBe("REPEAT");
        expect(repetition({ ...nature, idempotent: true }, failure)).toBe("REPEAT");
        expect(repetition({ ...nature, hasIdempotencyKey: true }, failure)).toBe("REPEAT");
      }),
    );
  });
});
