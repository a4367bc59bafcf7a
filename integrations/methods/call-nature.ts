import type { CallNature } from "../../core/repeatable.ts";
import type { Method } from "../../schemas/method.ts";

/** Every call has a key, which its repetitions share, for a vendor that takes one. */
export const natureOf = ({ safe, idempotent, idempotencyHeader }: Method): CallNature => ({
  safe,
  idempotent,
  hasIdempotencyKey: (idempotencyHeader ?? null) !== null,
});
