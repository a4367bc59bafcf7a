import * as z from "zod";
import { ENV } from "../schemas/names.ts";
import { OperationsSettingsJson } from "../schemas/operations-settings.ts";
import { RateLimitJson } from "../schemas/rate-limit.ts";
import { TenantQuotasJson } from "../schemas/tenant.ts";

const given = z.string().min(1);
const WorkerEnv = z.object({
  [ENV.environment]: given,
  [ENV.controlTable]: given,
  [ENV.eventsTable]: given,
  [ENV.hotTable]: given,
  [ENV.stagingBucket]: given,
  [ENV.temporalSecret]: given,
  [ENV.payloadKey]: given,
  [ENV.grantSecret]: given,
  [ENV.defaultQuotas]: TenantQuotasJson,
  [ENV.brokerFunction]: given,
  [ENV.rateLimit]: RateLimitJson,
  [ENV.operations]: OperationsSettingsJson,
  [ENV.allowPrivateNetworks]: z.enum(["true", "false"]).transform((said) => said === "true"),
});

export type WorkerEnv = z.infer<typeof WorkerEnv>;

/** Reads the worker's environment once. Throws with the name of every variable that is missing. */
export function readEnv(env: Record<string, string | undefined>): WorkerEnv {
  const { data, error } = WorkerEnv.safeParse(env);
  if (data) return data;
  const names = [...new Set(error.issues.map((issue) => issue.path.join(".")))];
  throw new Error(
    `Set the environment variable${names.length > 1 ? "s" : ""} ${names.join(", ")} of the worker.`,
  );
}
