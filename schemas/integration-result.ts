import * as z from "zod";

/**
 * Answer of a method call, once the executor was entered, as document 004 prints it (decision 24).
 * `EXECUTION_ERROR` stands for what has no code of its own.
 */
export const IntegrationResult = z
  .discriminatedUnion("status", [
    z.strictObject({
      status: z.literal("SUCCESS"),
      data: z.unknown(),
      source: z
        .enum(["CACHE", "FALLBACK"])
        .optional()
        .describe("What answered in the vendor's place. Left out: the vendor did, just now."),
    }),
    z.strictObject({
      status: z.literal("ERROR"),
      error: z.strictObject({
        code: z.string().max(64).describe("For example `VALIDATION_ERROR`."),
        message: z.string(),
        details: z
          .unknown()
          .optional()
          .describe("Holds no secret. `outcome: UNKNOWN`: the vendor may have done it."),
        retryAfter: z.number().min(0).optional().describe("Seconds."),
      }),
    }),
  ])
  .meta({ id: "IntegrationResult" });
export type IntegrationResult = z.infer<typeof IntegrationResult>;
