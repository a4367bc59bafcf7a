import { buildSchema, type GraphQLSchema } from "graphql";
import { CONTRACT } from "../../schemas/graphql/contract.ts";

/**
 * The contract as it is published; what resolves it is the root value (`queries`, `mutations`) and
 * the objects they give.
 */
export function contractSchema(): GraphQLSchema {
  return buildSchema(CONTRACT, { assumeValidSDL: true });
}
