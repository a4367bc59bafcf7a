import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";

const MAX_BODY_BYTES = 16_000_000;

/** A file as a form uploads it. */
export type Upload = { field: string; fileName: string; mediaType: string; bytes: Buffer };

/** A body by its type: the fields of a form, the `Upload` of a multipart form, or else JSON. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers["content-type"] ?? "";
  const bytes = await readBytes(request);
  // Edits of the site are JSON always: `curl -d` and urllib call whatever they send a form.
  if (request.url?.startsWith("/__control/")) return readJson(bytes);
  if (type.startsWith("application/x-www-form-urlencoded"))
    return Object.fromEntries(new URLSearchParams(bytes.toString()));
  if (type.startsWith("multipart/form-data")) return readUpload(bytes, type);
  return readJson(bytes);
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString() || "{}");
  } catch {
    throw new ApiError(
      400,
      "There was an error parsing JSON. Check that your request body is valid.",
    );
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new ApiError(413, "The request body is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Read by the platform's own parser, which knows nothing of who made the body. */
async function readUpload(bytes: Buffer, type: string): Promise<Upload> {
  const response = new Response(new Uint8Array(bytes), { headers: { "content-type": type } });
  const form = await response.formData().catch(() => undefined);
  for (const [field, file] of form ?? []) {
    if (typeof file === "string") continue;
    const content = Buffer.from(await file.arrayBuffer());
    return { field, fileName: file.name, mediaType: file.type, bytes: content };
  }
  throw new ApiError(400, "The form holds no file.");
}
