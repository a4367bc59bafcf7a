/** The window of `policy.mergeEveryMinutes`: when a run reads again, and when it lands. */
import * as z from "zod";
import { Instant } from "./scalars.ts";

/**
 * Of a scheduled run that reads its source several times and lands what it read with one commit
 * (`policy.mergeEveryMinutes`). Its last reading is due at `landsAt`, each one before it so many
 * minutes earlier.
 */
export const MergeWindow = z
  .strictObject({ readEveryMinutes: z.int().min(1), landsAt: Instant })
  .meta({ id: "MergeWindow" });
export type MergeWindow = z.infer<typeof MergeWindow>;

/**
 * How a window is closed before its time: `READ` once more and land, or `LAND` what is staged.
 */
export const WindowClosing = z.enum(["READ", "LAND"]);
export type WindowClosing = z.infer<typeof WindowClosing>;
