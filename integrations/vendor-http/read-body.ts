/**
 * A vendor's body, never more of it in memory than the bound, whatever a compressed one would
 * become, or however it is cut into pieces.
 */
import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { VendorError } from "./vendor-error.ts";

/**
 * What may be read beside the body itself. Chunks of one byte make six of one: a flood of them
 * costs time and no memory. More than is read ahead, which is counted here, too.
 */
export const MOST_FRAMING = 256 * 1024;

const DECODERS: Readonly<Record<string, () => Transform>> = {
  br: createBrotliDecompress,
  deflate: createInflate,
  gzip: createGunzip,
  "x-gzip": createGunzip,
};
export const ACCEPTED_ENCODINGS = "gzip, br";

/**
 * The whole body, decompressed. Rejects with `VendorError` `TOO_LARGE` when it outgrows `maxBytes`,
 * compressed or not, and with any other error when it is cut, broken, or in an encoding that nobody
 * asked for.
 */
export async function readBody(answer: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const encoding = (answer.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const isPlain = encoding === "identity" || encoding === "";
  const open = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (!isPlain && !open) throw new Error("The encoding is none that was asked for.");

  const wire = { bytes: 0 };
  const pieces: Buffer[] = [];
  let size = 0;
  const collect = async (decoded: AsyncIterable<Buffer>) => {
    for await (const piece of decoded) {
      size += piece.length;
      if (size > maxBytes) throw new VendorError("TOO_LARGE", true);
      pieces.push(piece);
    }
  };

  const read = metered(answer, wire, maxBytes);
  await (open ? pipeline(read, open(), collect) : collect(read)).catch((error: unknown) => {
    // Answers without a body name an encoding, too, and no bytes are no gzip.
    if (!answer.complete || wire.bytes > 0) throw error;
  });
  return Buffer.concat(pieces, size);
}

async function* metered(answer: IncomingMessage, wire: { bytes: number }, maxBytes: number) {
  const before = answer.socket.bytesRead;

  for await (const piece of answer as AsyncIterable<Buffer>) {
    wire.bytes += piece.length;
    const framing = answer.socket.bytesRead - before - wire.bytes;
    if (wire.bytes > maxBytes || framing > MOST_FRAMING + wire.bytes)
      throw new VendorError("TOO_LARGE", true);
    yield piece;
  }

  if (!answer.complete) throw new Error("The answer was cut.");
}
