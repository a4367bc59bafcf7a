import type { VendorAnswer } from "../plugin.ts";
import { jsonOf } from "../requests/json-messages.ts";

/**
 * `data` of an answer by its media type: JSON, text, or bytes in base64. Null where it is empty.
 * Throws `EXECUTION_ERROR` for JSON that is none.
 */
export function dataOf(answer: VendorAnswer): unknown {
  if (answer.body.length === 0) return null;

  const mediaType = (answer.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (!mediaType || /[/+]json$/.test(mediaType)) return jsonOf(answer);
  if (/^text\/|[/+](xml|yaml|csv)$/.test(mediaType)) return new TextDecoder().decode(answer.body);
  return { mediaType, contentBase64: Buffer.from(answer.body).toString("base64") };
}
