import { randomUUID } from "node:crypto";
import type { Encoded } from "./encoded.ts";
import { formatFault } from "./format-fault.ts";

/** One field, or one file. `content` is base64 where `base64` says so. */
export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly contentType?: string;
  readonly content: string | Uint8Array;
  readonly base64?: boolean;
}

const MOST_PARTS = 1_000;
const LONGEST_HEADERS = 8_192;
const BREAK = Buffer.from("\r\n");
const HEADERS_END = Buffer.from("\r\n\r\n");

/** Of a list of parts. The boundary is in none of them. */
export function writeMultipart(value: unknown): Encoded {
  if (!Array.isArray(value) || value.length > MOST_PARTS)
    throw formatFault("value", `is no list of at most ${MOST_PARTS} parts. Give one`);
  const parts = value.map(partOf);

  let boundary = `inlet-${randomUUID()}`;
  while (parts.some(({ content }) => content.includes(boundary)))
    boundary = `inlet-${randomUUID()}`;

  const chunks = parts.flatMap(({ headers, content }) => [
    Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`),
    content,
    BREAK,
  ]);
  const body = Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

function partOf(part: unknown): { headers: string; content: Buffer } {
  const { name, filename, contentType, content, base64 } = (part ?? {}) as Partial<Part>;
  if (typeof name !== "string") throw formatFault("part", "has no name. Name each");
  if (typeof content !== "string" && !(content instanceof Uint8Array))
    throw formatFault("part", "has no content. Give a text, or bytes in base64");
  if (contentType !== undefined && !/^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w.:+-]+)*$/.test(contentType))
    throw formatFault("part", "has a content type that is none. Check it");

  const file = filename === undefined ? "" : `; filename="${escaped(filename)}"`;
  const disposition = `content-disposition: form-data; name="${escaped(name)}"${file}`;
  const type = contentType ?? (filename === undefined ? undefined : "application/octet-stream");
  return {
    headers: type ? `${disposition}\r\ncontent-type: ${type}` : disposition,
    content: typeof content === "string" ? bytesOf(content, base64) : Buffer.from(content),
  };
}

const bytesOf = (content: string, base64 = false) =>
  Buffer.from(content, base64 ? "base64" : "utf8");

/** As browsers do: what would end the quotes, or the header, is written by its code. */
const escaped = (text: string) =>
  text.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
const unescaped = (text: string) =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%22", '"');

/** Parts with their content as text where it is UTF-8, and in base64 where it is not. */
export function readMultipart(bytes: Uint8Array, boundary: string | undefined): Part[] {
  if (!boundary || boundary.length > 70) throw broken();
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const mark = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];

  let at = body.indexOf(mark);
  while (at >= 0) {
    const start = at + mark.length;
    if (body.toString("latin1", start, start + 2) === "--") return parts;
    const end = body.indexOf(Buffer.concat([BREAK, mark]), start);
    if (end < 0 || parts.length === MOST_PARTS) throw broken();
    parts.push(readPart(body.subarray(start, end)));
    at = end + BREAK.length;
  }
  throw broken();
}

function readPart(part: Buffer): Part {
  const split = part.indexOf(HEADERS_END);
  if (split < 0 || split > LONGEST_HEADERS || part.indexOf(BREAK) !== 0) throw broken();
  const headers = part.toString("utf8", BREAK.length, split).split("\r\n");
  const content = part.subarray(split + HEADERS_END.length);

  const disposition = headerOf(headers, "content-disposition") ?? "";
  const name = /(?:^|;)\s*name="([^"]*)"/i.exec(disposition)?.[1];
  const filename = /(?:^|;)\s*filename="([^"]*)"/i.exec(disposition)?.[1];
  const contentType = headerOf(headers, "content-type");
  if (name === undefined) throw broken();

  const text = content.toString("utf8");
  const isText = Buffer.from(text, "utf8").equals(content);
  return {
    name: unescaped(name),
    ...(filename !== undefined && { filename: unescaped(filename) }),
    ...(contentType !== undefined && { contentType }),
    ...(isText ? { content: text } : { content: content.toString("base64"), base64: true }),
  };
}

function headerOf(headers: readonly string[], name: string): string | undefined {
  const found = headers.find((line) => line.toLowerCase().startsWith(`${name}:`));
  return found?.slice(name.length + 1).trim();
}

const broken = () => formatFault("body", "is no multipart form. Check what was sent");
