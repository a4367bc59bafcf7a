import { type Fault, schemaFaults } from "../../core/json-schema.ts";
import type { Method } from "../../schemas/method.ts";
import type { Params } from "../plugin.ts";

/**
 * Where the parameters do not fit the method's schema: path and what was expected, never what was
 * sent. Empty when they do.
 */
export const validateParams = ({ paramSchema }: Method, params: Params): readonly Fault[] =>
  schemaFaults(paramSchema, params, "params");
