import * as z from "zod";
import { PointsPerHour, RateLimit } from "./rate-limit.ts";
import { Count, Id, Instant } from "./scalars.ts";

const Lease = z.strictObject({
  id: z.string(),
  tokens: Count,
  until: Count.describe("Epoch milliseconds. Tokens that are left then count as spent."),
  people: z.boolean(),
});

/** Counted by windows of a fixed length: the one under way, and the one before. */
const Usage = z.strictObject({ start: Count, count: Count, before: Count });

/**
 * The bucket as both languages keep it in `hot`. Times in epoch milliseconds, tokens in millionths.
 */
export const BudgetBucket = z
  .strictObject({
    tokens: Count.describe("Millionths of a request, at the time `at`."),
    at: Count.describe(
      "The bucket is filled up to this time. It is in the future while the vendor's hold lasts.",
    ),
    pace: z
      .int()
      .min(1)
      .max(1_000_000)
      .describe("Millionths of the configured flow. Refusals lower it, time raises it."),
    hold: z.strictObject({ until: Count, reason: z.string() }).nullable(),
    leases: z.record(z.string(), Lease).describe("By holder."),
    used: z.array(Usage).describe("By minute, hour and day."),
    reported: z.strictObject({ at: Count, headers: z.record(z.string(), z.string()) }).nullable(),
    wall: z
      .int()
      .min(1)
      .max(1_000_000)
      .nullish()
      .describe("The pace at which the vendor last refused: near it, time raises pace slowly."),
  })
  .meta({ id: "BudgetBucket" });
export type BudgetBucket = z.infer<typeof BudgetBucket>;

const effective = <T extends z.ZodType>(value: T) =>
  z.strictObject({ value, from: z.enum(["ENVIRONMENT", "CONNECTOR", "ENDPOINT"]) });

const Hold = z.strictObject({ until: Instant, reason: z.string() });
const Used = z.strictObject({ lastMinute: Count, lastHour: Count, lastDay: Count });

/** Answer of `GET …/budget`: what all callers with the endpoint's credential share. */
export const Budget = z
  .strictObject({
    endpointId: Id,
    limits: z
      .strictObject({
        requestsPerSecond: effective(RateLimit.shape.requestsPerSecond),
        burst: effective(RateLimit.shape.burst),
        reservedShare: effective(RateLimit.shape.reservedShare),
        maxPerRecordCalls: effective(RateLimit.shape.maxPerRecordCalls),
      })
      .describe("Each limit in force, and which level set it: environment < connector < endpoint."),
    pace: z
      .number()
      .min(0)
      .max(1)
      .describe("Part of requestsPerSecond in force: 1, or less after the vendor refused calls."),
    tokens: z.number().min(0).describe("Requests that could be made now."),
    reservedTokens: Count.describe(
      "Of these, requests that are reserved for calls that a person waits for.",
    ),
    hold: Hold.nullable().describe("The vendor refused calls: nobody calls before this time."),
    leases: z.array(
      z.strictObject({
        holder: z.string(),
        tokens: Count,
        until: Instant,
        people: z
          .boolean()
          .describe(
            "A call that a person waits for: connection test, preview, collection, manual run.",
          ),
      }),
    ),
    used: Used.describe("Requests made. Leases under way are not counted yet."),
    reported: z
      .strictObject({ at: Instant, headers: z.record(z.string(), z.string()) })
      .nullable()
      .describe("Rate-limit headers of the vendor's latest answer."),
    app: z
      .strictObject({
        pointsPerHour: effective(PointsPerHour),
        points: z.number().min(0).describe("Points that could be spent now."),
        hold: Hold.nullable(),
        used: Used.describe("Usage in points."),
      })
      .nullable()
      .describe(
        "The budget of the vendor's app, shared by all endpoints of the tenant that use it.",
      ),
  })
  .meta({ id: "Budget" });
export type Budget = z.infer<typeof Budget>;
