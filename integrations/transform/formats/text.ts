import { TextDecoder } from "node:util";
import { formatFault } from "./format-fault.ts";

/**
 * The text of bytes in a charset, UTF-8 when none is named. Throws `TRANSFORM_FAILED` for one that
 * is unknown, and for bytes that are none of its characters: they would be lost.
 */
export function textOf(bytes: Uint8Array, charset = "utf-8"): string {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(charset, { fatal: true });
  } catch {
    throw formatFault("charset", "is unknown. Use utf-8");
  }

  try {
    return decoder.decode(bytes);
  } catch {
    throw formatFault("body", "is not written in its charset. Name the right one");
  }
}
