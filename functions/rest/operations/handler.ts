import places from "../../../schemas/json/routes.json" with { type: "json" };
import * as operations from "../../../schemas/operations/operations.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { getHealth } from "./get-health.ts";
import { getOpenapi } from "./get-openapi.ts";

const deps = once(() => readEnv("environment"));

/**
 * Also the gateway's `$default`: it tells whoever asks for no route of ours what the path knows.
 */
export const handler = restHandler(
  [route(operations.GetHealth, getHealth), route(operations.GetOpenapi, getOpenapi)],
  deps,
  undefined,
  places,
);
