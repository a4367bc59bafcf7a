import type { ErrorCode } from "../../schemas/errors.ts";

/** What an operation answers. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Of the error that the body tells of although the status does not: what log and figures count it
   * as.
   */
  readonly failure?: ErrorCode | undefined;
  /** The status tells of a vendor, not of us: no alarm rings for it. */
  readonly ofVendor?: boolean;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });

/** A versioned item, with the `ETag` that its change wants back. */
export const versioned = (body: { readonly version: number }, status = 200): Answer => ({
  status,
  body,
  headers: { etag: `"${body.version}"` },
});

/** Taken on, not done: `location` is where to ask how it goes. */
export const accepted = (body: unknown, location: string): Answer => ({
  status: 202,
  body,
  headers: { location },
});

export const noContent = (): Answer => ({ status: 204 });
