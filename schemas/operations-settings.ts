/**
 * How methods are called (decision 29; document 004, "Configuration"): set by the environment, the
 * connector, the endpoint or one method of it; the last of them that says something is obeyed.
 */
import * as z from "zod";
import { jsonText } from "./json-text.ts";
import { LOG_LEVELS } from "./log-level.ts";
import { MethodName } from "./method.ts";
import { RateLimit } from "./rate-limit.ts";
import { Id, Instant } from "./scalars.ts";

const LOG_DESTINATIONS = ["log", "events"] as const;

/** The longest that a request is kept waiting for a call: the gateway ends it at 29 s. */
export const LONGEST_SYNC_SECONDS = 25;
/** Of a call that nobody waits for. */
export const LONGEST_ASYNC_SECONDS = 600;

const seconds = (least: number, most: number) => z.number().min(least).max(most);

/** Every setting, as an environment has them all. */
export const OperationsSettings = z
  .strictObject({
    logLevel: z
      .enum(LOG_LEVELS)
      .describe("The least of what is logged of a call. Of every call there is an audit entry."),
    logDestinations: z
      .array(z.enum(LOG_DESTINATIONS))
      .max(LOG_DESTINATIONS.length)
      .describe(
        "`log`: the log group of the service. `events`: an event `integration.method.logged` for " +
          "each line. Empty: nowhere.",
      ),
    attemptSeconds: seconds(0.1, 120).describe("How long one request to the vendor may take."),
    totalSeconds: seconds(0.5, LONGEST_SYNC_SECONDS).describe(
      "How long a call may take, with its repetitions, while somebody waits for it.",
    ),
    asyncSeconds: seconds(1, LONGEST_ASYNC_SECONDS).describe(
      "How long a call may take that was answered with 202.",
    ),
    attempts: z
      .int()
      .min(1)
      .max(10)
      .describe("Requests at most, of a call that may be repeated. 1: none is repeated."),
    firstRetrySeconds: seconds(0, 60).describe(
      "The first repetition waits up to this long, each further one up to twice as long.",
    ),
    longestRetrySeconds: seconds(0, 60).describe("No wait is longer, but the vendor's own."),
    breakerFailures: z
      .int()
      .min(1)
      .max(1000)
      .describe("Failures in a row after which the vendor is not called for a while."),
    breakerOpenSeconds: seconds(1, 3600).describe(
      "How long it is not called before one call tries whether it is back.",
    ),
    cacheSeconds: z
      .int()
      .min(0)
      .max(3600)
      .describe(
        "How long the answer of a method that changes nothing is answered again. 0: never.",
      ),
  })
  .meta({ id: "OperationsSettings" });
export type OperationsSettings = z.infer<typeof OperationsSettings>;

/** What a connector says for all of its endpoints. */
export const ConnectorOperations = OperationsSettings.partial().meta({ id: "ConnectorOperations" });

/** An environment's own, as a variable. */
export const OperationsSettingsJson = jsonText(OperationsSettings);

/** What answers when the vendor cannot: the first that has something to say. */
const Fallback = z
  .union([
    z.strictObject({ method: MethodName.describe("Called with the same parameters.") }),
    z.strictObject({
      cachedSeconds: z
        .int()
        .min(1)
        .max(86_400)
        .describe("The last answer, if it is not older. Every good answer is kept so long."),
    }),
    z.strictObject({ value: z.unknown().describe("Answered as it stands, at most 10,000 bytes.") }),
  ])
  .meta({ id: "Fallback" });

const MethodLimits = z.strictObject({
  requestsPerSecond: RateLimit.shape.requestsPerSecond,
  burst: RateLimit.shape.burst,
});

export const MethodSettings = OperationsSettings.extend(MethodLimits.shape)
  .partial()
  .extend({ fallback: z.array(Fallback).max(3).optional() })
  .meta({ id: "MethodSettings" });
export type MethodSettings = z.infer<typeof MethodSettings>;

const MOST_METHODS = 50;

/** `PUT /endpoints/{endpointId}/settings`: what the endpoint says; the rest is left to others. */
export const EndpointSettingsInput = z
  .strictObject({
    ...OperationsSettings.partial().shape,
    methods: z
      .record(MethodName, MethodSettings)
      .refine((methods) => Object.keys(methods).length <= MOST_METHODS, {
        error: `must have at most ${MOST_METHODS} methods`,
      })
      .optional()
      .describe("What single methods say. Of a rate limit it is a limit of the method's own."),
    agentMethods: z
      .array(MethodName)
      .max(MOST_METHODS)
      .optional()
      .describe("Methods that change something and that agents may call. Left out: none."),
  })
  .meta({ id: "EndpointSettingsInput" });
export type EndpointSettingsInput = z.infer<typeof EndpointSettingsInput>;

const SETTING_LEVELS = ["ENVIRONMENT", "CONNECTOR", "ENDPOINT", "METHOD"] as const;
export type SettingLevel = (typeof SETTING_LEVELS)[number];

const effective = <T extends z.ZodType>(value: T) =>
  z.strictObject({ value, from: z.enum(SETTING_LEVELS) });

type Effective<Shape extends z.ZodRawShape> = {
  [N in keyof Shape]: z.ZodObject<{
    value: Shape[N] extends z.ZodType ? Shape[N] : never;
    from: z.ZodEnum<{ [L in SettingLevel]: L }>;
  }>;
};

function effectiveOf<Shape extends Record<string, z.ZodType>>(shape: Shape) {
  const entries = Object.entries(shape).map(([name, value]) => [name, effective(value)]);
  return z.strictObject(Object.fromEntries(entries) as unknown as Effective<Shape>);
}

/** Each setting in force, and who says so: environment < connector < endpoint < method. */
export const EffectiveSettings = effectiveOf({
  ...OperationsSettings.shape,
  requestsPerSecond: RateLimit.shape.requestsPerSecond,
  burst: RateLimit.shape.burst,
  reservedShare: RateLimit.shape.reservedShare,
}).meta({ id: "EffectiveSettings" });
export type EffectiveSettings = z.infer<typeof EffectiveSettings>;

export const EndpointSettings = z
  .strictObject({
    endpointId: Id,
    settings: EndpointSettingsInput.describe("What the endpoint and its methods say."),
    effective: EffectiveSettings.describe("Of the method that was asked about, or of any other."),
    version: z.int().min(0).describe("0: the endpoint says nothing."),
    updatedAt: Instant.nullable(),
  })
  .meta({ id: "EndpointSettings" });
export type EndpointSettings = z.infer<typeof EndpointSettings>;
