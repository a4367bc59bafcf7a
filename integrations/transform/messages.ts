/**
 * What parent and child say to each other over the child's standard streams: frames of a length in
 * four bytes and as many bytes of UTF-8. A message is two frames: a header, and a text that neither
 * side has to escape.
 */

import type { TransformCap, TransformFormat } from "../../schemas/transform.ts";

/** What an evaluation may cost. */
export interface Caps {
  /** Wall clock, of the evaluation alone. */
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

export type Question =
  | ExpressionQuestion
  /** The value of a text, or the text of a value. */
  | { readonly kind: "READ" | "WRITE"; readonly format: TransformFormat; readonly caps: Caps };

export interface ExpressionQuestion {
  /** `CHECK` looks at the expression only. */
  readonly kind: "CHECK" | "EVALUATE";
  readonly expression: string;
  readonly caps: Caps;
  /** The instant that `$now()` and `$millis()` answer. Milliseconds. */
  readonly now: number;
}

/** `INVALID`: refused before anything ran. A cap: ended by it. `FAILED`: everything else. */
export type FailureKind = "INVALID" | "FAILED" | Cap;
export type Cap = TransformCap;

export interface Failure {
  readonly kind: FailureKind;
  /** For people; names no value of the input. */
  readonly message: string;
  /** JSONata's own code, where it has one. */
  readonly code?: string | undefined;
  /** Character of the expression, counted from 0. */
  readonly position?: number | undefined;
}

export type Reply = { readonly ok: true } | { readonly ok: false; readonly failure: Failure };

const LENGTH_BYTES = 4;

export function frame(text: string): Buffer {
  const body = Buffer.from(text, "utf8");
  const head = Buffer.allocUnsafe(LENGTH_BYTES);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

/**
 * Puts chunks together to frames. Throws as soon as the length of a frame is above `most`: none of
 * it is kept.
 */
export function frameReader(onFrame: (text: string) => void, most: () => number) {
  let held: Buffer[] = [];
  let size = 0;

  return (chunk: Buffer): void => {
    held.push(chunk);
    size += chunk.length;

    for (;;) {
      if (size < LENGTH_BYTES) return;
      if (held.length > 1 && (held[0]?.length ?? 0) < LENGTH_BYTES) held = [Buffer.concat(held)];
      const length = (held[0] as Buffer).readUInt32BE();
      if (length > most()) throw new RangeError(`A frame of ${length} bytes is too large.`);
      if (size < LENGTH_BYTES + length) return;

      const whole = Buffer.concat(held);
      const rest = whole.subarray(LENGTH_BYTES + length);
      held = [rest];
      size = rest.length;
      onFrame(whole.toString("utf8", LENGTH_BYTES, LENGTH_BYTES + length));
    }
  };
}
