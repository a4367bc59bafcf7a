/** Bodies of requests in the forms that OpenAPI documents name. */
import { createHash } from "node:crypto";
import type { CallBody } from "../../schemas/http-connector.ts";
import { unfit } from "../requests/vendor-url.ts";
import { writtenPairs } from "./styles.ts";

interface WrittenBody {
  readonly contentType: string;
  readonly content: string | Uint8Array;
}

/** Throws `VALIDATION_ERROR` for a value that the form cannot hold. */
export function bodyOf(body: CallBody, value: unknown): WrittenBody {
  const contentType = body.mediaType;
  switch (body.form) {
    case "json":
      return { contentType, content: JSON.stringify(value) };
    case "form":
      return { contentType, content: formText(body, value) };
    case "multipart":
      return multipart(body, value);
    case "text":
      return { contentType, content: String(value) };
    case "binary":
      return { contentType, content: bytesOf(value, "body") };
  }
}

function formText(body: CallBody, value: unknown): string {
  const form = new URLSearchParams();
  for (const [name, text] of fieldsOf(body, value)) form.append(name, text);
  return form.toString();
}

const DEFAULT = { style: "form", explode: true, asJson: false } as const;

function fieldsOf({ fields }: CallBody, value: unknown): (readonly [string, string])[] {
  return membersOf(value).flatMap(([name, inner]) => {
    const how = fields.find((field) => field.name === name) ?? DEFAULT;
    // A form holds texts: members of a member stand beside it only where the document says so.
    const asJson = how === DEFAULT && isObject(inner);
    return writtenPairs(inner, name, asJson ? { ...how, asJson } : how);
  });
}

/** RFC 7578. The boundary is a hash of all parts: none can hold it but by a collision. */
function multipart(body: CallBody, value: unknown): WrittenBody {
  const parts = membersOf(value).flatMap(([name, inner]) =>
    body.files.includes(name)
      ? [inner].flat().map((file) => filePart(name, file))
      : fieldsOf(body, { [name]: inner }).map(([field, text]) => textPart(field, text)),
  );

  const hash = createHash("sha256");
  for (const { content } of parts) hash.update(content);
  const boundary = `inlet-${hash.digest("hex")}`;
  const content = Buffer.concat([
    ...parts.flatMap((part) => [
      Buffer.from(`--${boundary}\r\n${part.head}\r\n\r\n`),
      part.content,
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return { contentType: `${body.mediaType}; boundary=${boundary}`, content };
}

interface Part {
  readonly head: string;
  readonly content: Uint8Array;
}

const textPart = (name: string, text: string): Part => ({
  head: `Content-Disposition: form-data; name="${quoted(name)}"`,
  content: Buffer.from(text),
});

/** A file is `{fileName, contentBase64, mediaType}`. */
function filePart(name: string, file: unknown): Part {
  const { fileName = "file", mediaType = "application/octet-stream" } = isObject(file) ? file : {};
  if (!/^[\w!#$&^.+-]{1,63}\/[\w!#$&^.+-]{1,63}$/.test(String(mediaType)))
    throw unfit(`body.${name}.mediaType`, "must look like image/png");
  const disposition = `form-data; name="${quoted(name)}"; filename="${quoted(String(fileName))}"`;
  return {
    head: `Content-Disposition: ${disposition}\r\nContent-Type: ${mediaType}`,
    content: bytesOf(file, `body.${name}`),
  };
}

/** Node leaves out what is not base64; what comes back says whether it did. */
function bytesOf(file: unknown, path: string): Uint8Array {
  const { contentBase64 } = isObject(file) ? file : {};
  const text = String(contentBase64 ?? "");
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64").replaceAll("=", "") === text.replace(/={0,2}$/, "")) return bytes;
  throw unfit(`${path}.contentBase64`, "must be base64");
}

function membersOf(value: unknown): [string, unknown][] {
  if (!isObject(value)) throw unfit("body", "must be an object: it is sent as a form");
  return Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
}

/** As browsers do: what would end the name is written as its code. */
const quoted = (name: string) =>
  name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
