/** A body of one file in `multipart/form-data` (RFC 7578). */
import { createHash } from "node:crypto";
import type { Params } from "../plugin.ts";
import { unfit } from "./vendor-url.ts";

export interface FilePart {
  readonly field: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** The boundary is the content's own hash, which the content cannot hold but by a collision. */
export function multipartOf(part: FilePart): { contentType: string; body: Uint8Array } {
  const boundary = `inlet-${createHash("sha256").update(part.content).digest("hex")}`;
  const [field, fileName] = [quoted(part.field), quoted(part.fileName)];

  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="${field}"; filename="${fileName}"`,
    `Content-Type: ${part.mediaType}`,
    "",
    "",
  ].join("\r\n");
  const body = Buffer.concat([
    Buffer.from(head),
    part.content,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

/**
 * The file of the parameters `fileName`, `contentBase64` and `mediaType`. Throws `VALIDATION_ERROR`
 * for bytes that are not base64, and for a type that would be more than a type.
 */
export function fileOf(field: string, params: Params): FilePart {
  const { fileName, contentBase64, mediaType = "application/octet-stream" } = params;
  const content = base64Of("contentBase64", contentBase64);

  if (!/^[\w!#$&^.+-]{1,63}\/[\w!#$&^.+-]{1,63}$/.test(String(mediaType)))
    throw unfit("mediaType", "must look like image/png");
  return { field, fileName: String(fileName), mediaType: String(mediaType), content };
}

/** Bytes of a parameter in base64. Throws `VALIDATION_ERROR` for anything else. */
export function base64Of(name: string, value: unknown): Buffer {
  const text = String(value ?? "").replaceAll(/\s+/g, "");
  const content = Buffer.from(text, "base64");

  // Node leaves out what is not base64; what comes back says whether it did.
  if (content.toString("base64").replaceAll("=", "") !== text.replace(/={0,2}$/, ""))
    throw unfit(name, "must be base64");
  return content;
}

/** As browsers do: what would end the name is written as its code. */
function quoted(name: string): string {
  return name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
}
