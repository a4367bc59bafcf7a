/**
 * How much an answer may hold. A Lambda answers 6 MB at most, in which the body is a JSON string of
 * its own.
 */
import { DomainError } from "../schemas/errors.ts";

/**
 * A page, or what is shown of one thing, ends before it is larger: the rest of the answer has room
 * beside it.
 */
export const PAGE_BYTES = 4_000_000;
/** The whole answer. */
const ANSWER_BYTES = 5_500_000;

/**
 * Bytes of a value in an answer: as JSON, and quoted once more, which doubles each quote and
 * backslash.
 */
export function answerBytes(value: unknown): number {
  return quotedBytes(JSON.stringify(value) ?? "");
}

/** Bytes of a text as a JSON string. */
const quotedBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** Throws `PAYLOAD_TOO_LARGE` for a body that would not pass. */
export function refuseLarge(body: string): void {
  // Quoting a character takes six bytes at most.
  if (body.length * 6 < ANSWER_BYTES || quotedBytes(body) <= ANSWER_BYTES) return;
  throw new DomainError(
    "PAYLOAD_TOO_LARGE",
    "The answer is larger than 5.5 MB. Ask for fewer items at once.",
  );
}

/**
 * What goes on a page: items in order, while there are fewer than `limit` and they fit together.
 */
export class PageFill<T> {
  readonly items: T[] = [];
  #bytes = 0;
  readonly #limit: number;
  readonly #mostBytes: number;

  constructor(limit: number, mostBytes = PAGE_BYTES) {
    this.#limit = limit;
    this.#mostBytes = mostBytes;
  }

  /** Nothing more belongs on it. */
  get isFull(): boolean {
    return this.items.length >= this.#limit;
  }

  /**
   * Takes the item; false when it belongs on the next page. The first is always taken, so that
   * every list ends.
   */
  take(item: T): boolean {
    if (this.isFull) return false;
    const bytes = answerBytes(item);
    if (this.items.length > 0 && this.#bytes + bytes > this.#mostBytes) return false;
    this.items.push(item);
    this.#bytes += bytes;
    return true;
  }
}

/** The first items that fit, in the order they are in. */
export function firstThatFit<T>(items: readonly T[], mostBytes: number): T[] {
  let bytes = 0;
  const end = items.findIndex((item) => {
    bytes += answerBytes(item);
    return bytes > mostBytes;
  });
  return end < 0 ? [...items] : items.slice(0, end);
}
