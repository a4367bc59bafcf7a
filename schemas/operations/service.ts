import * as z from "zod";
import { operation } from "../operation.ts";
import { Json } from "../scalars.ts";

export const GetHealth = operation({
  id: "getHealth",
  method: "GET",
  path: "/health",
  area: "operations",
  role: "public",
  summary: "Returns whether the API answers.",
  answers: { 200: z.strictObject({ status: z.literal("ok"), environment: z.string() }) },
});

export const GetOpenapi = operation({
  id: "getOpenapi",
  method: "GET",
  path: "/openapi.json",
  area: "operations",
  role: "public",
  summary: "Returns this document.",
  answers: { 200: Json },
});

export const GraphqlRequest = z
  .strictObject({
    query: z.string().min(1).max(20_000),
    operationName: z.string().max(200).nullish(),
    variables: Json.nullish(),
    extensions: Json.nullish(),
  })
  .meta({ id: "GraphqlRequest" });

export const PostGraphql = operation({
  id: "postGraphql",
  method: "POST",
  path: "/graphql",
  area: "graphql",
  role: "viewer",
  summary: "Executes a GraphQL document. Its contract is `schemas/graphql/contract.graphql`.",
  body: GraphqlRequest,
  answers: { 200: z.strictObject({ data: Json.nullish(), errors: z.array(Json).optional() }) },
});
