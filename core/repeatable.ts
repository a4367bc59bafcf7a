/** Which calls may be made again: only what surely does no harm the second time. */
import type { Method } from "../schemas/method.ts";

/** What a method says of itself, and whether this call carried a key that the vendor takes. */
export interface CallNature extends Pick<Method, "safe" | "idempotent"> {
  /** Sent in the method's `idempotencyHeader`, the same with each attempt. */
  readonly hasIdempotencyKey: boolean;
}

/** How one attempt ended without what was asked for. */
export type CallFailure =
  | {
      /** No whole answer (`VendorError`). */
      readonly kind: "BLOCKED" | "UNREACHABLE" | "TIMEOUT" | "TOO_LARGE" | "TLS" | "CANCELLED";
      /** A byte of the request may have reached the vendor. */
      readonly sent: boolean;
    }
  | {
      /** The vendor refused (`Refusal`). */
      readonly kind:
        | "AUTH"
        | "FORBIDDEN"
        | "NOT_FOUND"
        | "INVALID"
        | "RATE"
        | "UNAVAILABLE"
        | "OTHER";
      /** It surely did nothing. */
      readonly notDone: boolean;
    };

/**
 * `REPEAT`: may be made again, and that may help. `FINAL`: would end in the same way. `UNKNOWN`: it
 * may have been carried out, and a second time would do harm: nobody repeats it but a person.
 */
export type Repetition = "REPEAT" | "FINAL" | "UNKNOWN";

/** Time alone does not help with any other kind. */
const PASSING: ReadonlySet<CallFailure["kind"]> = new Set([
  "UNREACHABLE",
  "TIMEOUT",
  "RATE",
  "UNAVAILABLE",
]);

export function repetition(nature: CallNature, failure: CallFailure): Repetition {
  if (isSurelyNotDone(failure) || isHarmlessTwice(nature))
    return PASSING.has(failure.kind) ? "REPEAT" : "FINAL";
  return isAnswered(failure) && !PASSING.has(failure.kind) ? "FINAL" : "UNKNOWN";
}

function isHarmlessTwice({ safe, idempotent, hasIdempotencyKey }: CallNature): boolean {
  return safe || idempotent || hasIdempotencyKey;
}

function isSurelyNotDone(failure: CallFailure): boolean {
  return "notDone" in failure ? failure.notDone : !failure.sent;
}

/** An answer that is too large is one: the vendor has done what it was asked. */
function isAnswered(failure: CallFailure): boolean {
  return "notDone" in failure || failure.kind === "TOO_LARGE";
}
