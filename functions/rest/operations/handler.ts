import places from "../../../schemas/json/routes.json" with { type: "json" };
import * as service from "../../../schemas/operations/service.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { getHealth } from "./get-health.ts";
import { getOpenapi } from "./get-openapi.ts";

const deps = once(() => readEnv("environment"));

/**
 * Also the gateway's `$default` route: unknown paths answer 404, and a known path answers 405 with
 * the methods that it has.
 */
export const handler = restHandler(
  [route(service.GetHealth, getHealth), route(service.GetOpenapi, getOpenapi)],
  deps,
  undefined,
  places,
);
