/**
 * Page cursors, opaque and sealed: AES-256-GCM over the key to go on from and an expiry, bound to
 * tenant, operation and filter. A cursor of another tenant, list or filter does not open.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import * as z from "zod";
import { canonicalJson } from "../../core/canonical-json.ts";
import { DomainError } from "../../schemas/errors.ts";

const LIFETIME_MS = 3_600_000;
const Sealed = z.strictObject({ after: z.string(), expires: z.number() });

/** The list that a cursor is good for. */
export interface ListRequest {
  readonly operationId: string;
  readonly identity: { readonly tenantId: string };
  readonly path: object;
  readonly query: { readonly limit: number; readonly cursor?: string | undefined };
  readonly now: Date;
}

export interface Cursors {
  /** What to read: at most `limit` items after `after`. Throws `CURSOR_INVALID` on any mismatch. */
  open(request: ListRequest): { readonly limit: number; readonly after?: string };
  /** The page as it is answered. */
  seal<T>(
    request: ListRequest,
    page: { readonly items: T[]; readonly next: string | null },
  ): Page<T>;
}

export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

export function sealedCursors(key: Uint8Array): Cursors {
  return {
    open: (request) => {
      const { limit, cursor } = request.query;
      return cursor === undefined ? { limit } : { limit, after: openCursor(key, request, cursor) };
    },
    seal: (request, { items, next }) => ({
      items,
      nextCursor: next === null ? null : sealCursor(key, request, next),
    }),
  };
}

function sealCursor(key: Uint8Array, request: ListRequest, after: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(binding(request));
  const text = JSON.stringify({ after, expires: request.now.getTime() + LIFETIME_MS });
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString("base64url");
}

function openCursor(key: Uint8Array, request: ListRequest, cursor: string): string {
  const bytes = Buffer.from(cursor, "base64url");
  try {
    // Without the length, a tag that was cut to four bytes would do.
    const options = { authTagLength: 16 };
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), options).setAAD(
      binding(request),
    );
    decipher.setAuthTag(bytes.subarray(12, 28));
    const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString(
      "utf8",
    );
    const { after, expires } = Sealed.parse(JSON.parse(text));
    if (expires > request.now.getTime()) return after;
  } catch {
    // Whatever is wrong with it, the caller learns no more than that.
  }

  throw new DomainError(
    "CURSOR_INVALID",
    "The cursor belongs to another list, or is older than an hour. Start at the first page.",
  );
}

function binding({ identity, operationId, path, query }: ListRequest): Buffer {
  const { cursor: _, limit: __, ...filter } = query;
  return createHash("sha256")
    .update(canonicalJson([identity.tenantId, operationId, path, filter]))
    .digest();
}
