import * as z from "zod";
import { Instant, Json } from "./scalars.ts";

const LOG_KIND = [
  "queued",
  "started",
  "cancelRequested",
  "committed",
  "progress",
  "waiting",
  "retry",
  "restarted",
  "takenOver",
  "evidence",
  "error",
  "ended",
] as const;

/**
 * One thing that happened to a run, made of what is stored: never a vendor's body, never a
 * secret.
 */
export const RunLogEntry = z
  .strictObject({
    at: Instant.describe(
      "When it happened. For a wait: until when it lasts. For evidence: when the run ended.",
    ),
    kind: z.enum(LOG_KIND),
    message: z.string(),
    data: Json,
  })
  .meta({ id: "RunLogEntry" });
export type RunLogEntry = z.infer<typeof RunLogEntry>;
