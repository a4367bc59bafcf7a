import * as z from "zod";
import { jsonText } from "./json-text.ts";

/**
 * What may be set of a rate limit, at the environment, the connector or the endpoint
 * (`config.rateLimit`).
 */
export const RateLimit = z
  .strictObject({
    requestsPerSecond: z
      .number()
      .min(0.01)
      .max(1000)
      .describe("Requests a second, for all callers together."),
    burst: z
      .int()
      .min(1)
      .max(10_000)
      .describe("Requests that may be made at once after an idle time."),
    reservedShare: z
      .number()
      .min(0)
      .max(0.9)
      .describe("Share of the burst that is reserved for calls that a person waits for."),
    maxPerRecordCalls: z
      .int()
      .min(0)
      .max(10_000_000)
      .describe("Calls of one record each that one run may need."),
  })
  .meta({ id: "RateLimit" });
export type RateLimit = z.infer<typeof RateLimit>;
export type RateLimitName = keyof RateLimit;

export const PointsPerHour = z
  .int()
  .min(100)
  .max(100_000_000)
  .describe("Points that the calls of an app may cost in an hour.");

/** What a vendor publishes, as far as it does. */
export const ConnectorRateLimit = z
  .strictObject({
    requestsPerSecond: RateLimit.shape.requestsPerSecond.nullish(),
    burst: RateLimit.shape.burst.nullish(),
    reservedShare: RateLimit.shape.reservedShare.nullish(),
    maxPerRecordCalls: RateLimit.shape.maxPerRecordCalls.nullish(),
    pointsPerHour: PointsPerHour.nullish(),
    pointsFor: z
      .array(z.string())
      .nullish()
      .describe("Auth types whose calls the vendor counts in points, by app."),
  })
  .meta({ id: "ConnectorRateLimit" });

/** An environment's own, as a variable: what holds where nobody says otherwise. */
export const RateLimitJson = jsonText(RateLimit);
