import type { ENV } from "../../schemas/names.ts";
import type { Environment } from "../environments.ts";
import { brokerName } from "./broker.ts";
import type { DataReferences } from "./references.ts";

/** What whoever calls methods of vendors is told: the API's function and the worker alike. */
export function callSettings(
  settings: Environment,
  { grantSecret }: Pick<DataReferences, "grantSecret">,
): Partial<Record<keyof typeof ENV, string>> {
  return {
    grantSecret: grantSecret.secretArn,
    brokerFunction: brokerName(settings),
    rateLimit: JSON.stringify(settings.rateLimit),
    operations: JSON.stringify(settings.operations),
  };
}
