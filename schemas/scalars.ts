import * as z from "zod";

/** Ids are opaque to callers: a kind prefix and a ULID, or a name where the noun says so. */
export const Id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/)
  .describe("Opaque identifier.");
export const Slug = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/)
  .describe("Lower-case name, fit for a table namespace.");
export const Instant = z.iso.datetime({ offset: true }).describe("Point in time, ISO 8601 with zone.");
export const Json = z.record(z.string(), z.unknown()).describe("A JSON object.");
export const Count = z.int().min(0);
export const Mode = z.enum(["FULL", "INCREMENTAL", "SCD1", "CUSTOM"]).describe("How a unit is read and merged.");
export type Mode = z.infer<typeof Mode>;
