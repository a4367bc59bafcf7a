import * as z from "zod";
import { jsonText } from "./json-text.ts";
import { Count, Id, Instant } from "./scalars.ts";

export const ROLES = ["viewer", "operator", "admin", "platform"] as const;
export type Role = (typeof ROLES)[number];

/** Who asks: taken from the verified token only. */
export const Identity = z
  .strictObject({
    tenantId: Id,
    subject: z
      .string()
      .regex(/^[\x20-\x7e]{1,255}$/)
      .describe("At most 255 ASCII characters, as OpenID Connect defines it."),
    roles: z.array(z.enum(ROLES)),
    name: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("E-mail or name, if the token contains one."),
  })
  .meta({ id: "Identity" });
export type Identity = z.infer<typeof Identity>;

/** What a tenant may have and do at most. */
export const TenantQuotas = z
  .strictObject({
    endpoints: Count,
    sinks: Count.describe("Sinks, the default sink included."),
    units: Count.describe("Configured units."),
    connectors: Count.describe("Versions of the tenant's own connectors."),
    runningUnits: Count.describe("Units that run or are queued at the same time."),
    runningProbes: Count.describe(
      "Connection tests, previews and collections that run or are queued at the same time.",
    ),
    requestsPerMinute: z
      .int()
      .min(1)
      .describe(
        "API requests a minute. As many may be sent at once; the allowance refills evenly.",
      ),
  })
  .meta({ id: "TenantQuotas" });
export type TenantQuotas = z.infer<typeof TenantQuotas>;

/** Quotas as an environment variable has them. */
export const TenantQuotasJson = jsonText(TenantQuotas);

const TENANT_STATUS = ["ACTIVE", "SUSPENDED", "DELETING"] as const;
export type TenantStatus = (typeof TENANT_STATUS)[number];

/**
 * Whose everything else is. A tenant that nobody registered is active and has the environment's
 * quotas.
 */
export const Tenant = z
  .strictObject({
    tenantId: Id,
    name: z.string().min(1).max(120),
    status: z
      .enum(TENANT_STATUS)
      .describe(
        "SUSPENDED: schedules are paused and nothing starts; reads are answered. DELETING: " +
          "requests of the tenant are refused, and it will be removed.",
      ),
    quotas: TenantQuotas,
    version: z.int().min(1),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Tenant" });
export type Tenant = z.infer<typeof Tenant>;

export const TenantInput = z
  .strictObject({
    tenantId: Id.describe("The tenant id as in the identity provider's tokens."),
    name: z.string().trim().min(1).max(120),
    quotas: TenantQuotas.partial()
      .optional()
      .describe("A quota that is left out takes the environment's default."),
  })
  .meta({ id: "TenantInput" });
export type TenantInput = z.infer<typeof TenantInput>;

export const TenantPatch = z
  .strictObject({
    name: z.string().trim().min(1).max(120),
    status: z.enum(["ACTIVE", "SUSPENDED"]),
    quotas: TenantQuotas.partial(),
  })
  .partial()
  .meta({ id: "TenantPatch" });
export type TenantPatch = z.infer<typeof TenantPatch>;

/** What counts against the quotas now. */
export const TenantUsage = z
  .strictObject({
    endpoints: Count,
    sinks: Count,
    units: Count,
    connectors: Count,
    runningUnits: Count,
    runningProbes: Count,
  })
  .meta({ id: "TenantUsage" });
export type TenantUsage = z.infer<typeof TenantUsage>;
