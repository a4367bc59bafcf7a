import { PostGraphql } from "../../schemas/operations/service.ts";
import { tenantDeps } from "../runtime/deps.ts";
import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";
import { restHandler, route } from "../runtime/rest.ts";
import { admitRequest } from "../runtime/tenant-limits.ts";
import { postGraphql } from "./post-graphql.ts";
import { contractSchema } from "./schema.ts";

const deps = once(() => {
  const { environment, ...rules } = readEnv("environment", "minimumIntervalMinutes", "rateLimit");
  return { ...tenantDeps(), ...rules, schema: contractSchema(), open: environment !== "prod" };
});

export const handler = restHandler([route(PostGraphql, postGraphql)], deps, admitRequest);
