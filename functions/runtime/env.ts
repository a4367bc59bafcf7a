import * as z from "zod";
import { jsonText } from "../../schemas/json-text.ts";
import { ENV } from "../../schemas/names.ts";
import { RateLimitJson } from "../../schemas/rate-limit.ts";
import { TenantQuotasJson } from "../../schemas/tenant.ts";

const text = z.string().min(1);
const FreshnessJson = jsonText(
  z.strictObject({ intervals: z.number().min(1), marginMinutes: z.number().min(0) }),
);
const VARIABLES = {
  environment: z.string().regex(/^[a-z][a-z0-9-]*$/),
  account: z.string().regex(/^\d{12}$/),
  controlTable: text,
  eventsTable: text,
  hotTable: text,
  stagingBucket: text,
  lakeBucket: text,
  auditBucket: text,
  keyId: text,
  cursorSecret: text,
  grantSecret: text,
  brokerFunction: text,
  oidcIssuer: z.url(),
  oidcAudience: text,
  oidcJwksUri: z.url(),
  apiUrl: z.url(),
  oauthRedirectUris: jsonText(z.array(z.url()).max(20)),
  eventBus: text,
  temporalSecret: text,
  payloadKey: text,
  defaultQuotas: TenantQuotasJson,
  rateLimit: RateLimitJson,
  allowPrivateNetworks: z.enum(["true", "false"]).transform((said) => said === "true"),
  /** Whoever calls methods reads it (`OperationsSettingsJson`): others carry none of its schema. */
  operations: text,
  freshness: FreshnessJson,
  minimumIntervalMinutes: z.coerce.number().int().min(1),
} as const satisfies Partial<Record<keyof typeof ENV, z.ZodType>>;

type Variable = keyof typeof VARIABLES;

/**
 * The variables that a function asks for; throws with the names of those that are missing or wrong.
 */
export function readEnv<V extends Variable>(
  ...names: V[]
): { [N in V]: z.infer<(typeof VARIABLES)[N]> } {
  const read = names.map(
    (name) => [name, VARIABLES[name].safeParse(process.env[ENV[name]])] as const,
  );
  const wrong = read.filter(([, { success }]) => !success).map(([name]) => ENV[name]);
  if (wrong.length > 0)
    throw new Error(`Environment variables are missing or wrong: ${wrong.join(", ")}. Set them.`);
  return Object.fromEntries(read.map(([name, { data }]) => [name, data])) as never;
}
