import * as z from "zod";
import { ERROR_CODES } from "./errors.ts";

/** What went wrong with a run, a collection or a probe: never a secret, never a vendor's body. */
export const IngestionError = z
  .strictObject({
    code: z.enum(ERROR_CODES).describe("Error code."),
    message: z.string().max(2000).describe("What happened. Ends with what to do."),
    retryable: z.boolean().describe("Whether the same run may succeed later without a change."),
  })
  .meta({ id: "IngestionError" });
export type IngestionError = z.infer<typeof IngestionError>;

/** RFC 9457 problem document. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(ERROR_CODES),
    requestId: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("More about the error, for example the id of the active run."),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;
