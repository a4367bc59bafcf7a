import * as z from "zod";

/**
 * Text of a form. A value of another form is refused in words, with an example: nobody reads a
 * pattern.
 */
export const textLike = (form: RegExp, words: string, example: string) =>
  z.string().regex(form, { error: `must be ${words}, for example ${example}` });

/** Ids are opaque to callers: a kind prefix and a ULID, or a name where the noun says so. */
export const Id = textLike(
  /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/,
  "an id of letters, digits, dots, colons, dashes and underscores",
  "acme",
).describe("Opaque identifier.");
export const Slug = textLike(
  /^[a-z][a-z0-9_]{0,62}$/,
  "small letters, digits and underscores, with a letter first",
  "second_site",
).describe("Lower-case name that can be a table namespace.");
const INSTANT_FAULT = "must be a time with its zone, for example 2026-11-30T08:00:00Z";
/** Characters of an instant with nanoseconds and a zone, and some to spare. */
export const LONGEST_INSTANT = 40;
export const Instant = z.iso
  .datetime({ offset: true, error: INSTANT_FAULT })
  .describe("Point in time, ISO 8601 with zone.");
export const VersionNumber = textLike(
  /^\d{1,9}\.\d{1,9}\.\d{1,9}$/,
  "a version of three numbers",
  "1.0.0",
);
export const Json = z.record(z.string(), z.unknown()).describe("A JSON object.");
export const Count = z.int().min(0);
export const Mode = z
  .enum(["FULL", "INCREMENTAL", "SCD1", "CUSTOM"])
  .describe("How a unit is read and merged.");
export type Mode = z.infer<typeof Mode>;
