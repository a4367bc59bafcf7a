/**
 * Writes what the doors describe themselves with: from `schemas/operations/` the OpenAPI 3.1
 * document and the list of routes (`schemas/json/`), from `schemas/graphql/contract.graphql` the
 * module that functions are bundled with.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { createDocument, type ZodOpenApiPathsObject } from "zod-openapi";
import { OPERATIONS } from "./api.ts";
import { Problem } from "./error.ts";
import { JSON_COMPONENTS, overrideJson } from "./openapi-json.ts";
import { hasBody, refusals, responses } from "./openapi-responses.ts";
import type { Operation } from "./operation.ts";

const json = join(import.meta.dirname, "json");
const isNothing = (schema: z.ZodObject) => Object.keys(schema.shape).length === 0;

function headers(operation: Operation): z.ZodObject | undefined {
  const shape: Record<string, z.ZodType> = {};

  if (operation.ifMatch !== "none") {
    shape["If-Match"] = z
      .string()
      .regex(/^("[1-9][0-9]{0,14}"|[*])$/)
      .optional()
      .meta({
        description: "The version that was last read, from `ETag`.",
        examples: ['"3"', "*"],
      });
  }

  if (operation.idempotencyKey) {
    shape["Idempotency-Key"] = z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/)
      .optional()
      .meta({
        description:
          "For 24 hours, a repeated request with the same key gets the answer of the first one.",
        examples: ["nightly-2026-11-21"],
      });
  }

  if (operation.respondAsync) {
    shape.Prefer = z
      .string()
      .max(200)
      .optional()
      .meta({
        description: "`respond-async`: answer 202 at once, and do it meanwhile.",
        examples: ["respond-async"],
      });
  }

  return Object.keys(shape).length > 0 ? z.object(shape) : undefined;
}

function pathItem(operation: Operation) {
  const header = headers(operation);

  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.area],
    ...(operation.role === "public" && { security: [] }),
    ...(operation.role !== "public" && { "x-role": operation.role }),
    requestParams: {
      ...(!isNothing(operation.pathParams) && { path: operation.pathParams }),
      ...(!isNothing(operation.query) && { query: operation.query }),
      ...(header && { header }),
    },
    ...(hasBody(operation) && {
      requestBody: {
        required: !operation.body.safeParse(undefined).success,
        content: { "application/json": { schema: stated(operation.body) } },
      },
    }),
    responses: responses(operation),
  };
}

/** The schema of a body that is there. */
function stated(body: z.ZodType): z.ZodType {
  return body instanceof z.ZodOptional ? (body.unwrap() as z.ZodType) : body;
}

const paths: ZodOpenApiPathsObject = {};
for (const operation of OPERATIONS) {
  paths[operation.path] = {
    ...paths[operation.path],
    [operation.method.toLowerCase()]: pathItem(operation),
  };
}

const GatewayMessage = z
  .object({ message: z.string() })
  .meta({ description: "Answered by the gateway itself, before any handler." });
const description = `Registers, configures and runs ingestion.

Unknown paths answer 404. A method that a path does not support answers 405 with \`Allow\`. Both
answers are problem documents. A request without an Authorization header is refused by the gateway:
it answers 401 with a \`message\` and no problem document.`;

const document = createDocument(
  {
    openapi: "3.1.1",
    info: { title: "Inlet", version: "1.0.0", description },
    security: [{ token: [] }],
    paths,
    components: {
      schemas: { Problem, GatewayMessage, ...(JSON_COMPONENTS as object) },
      responses: refusals,
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  },
  { override: overrideJson as never },
);
const routes = OPERATIONS.map(({ method, path, area, role }) => ({
  method,
  path,
  area,
  public: role === "public",
}));
writeFileSync(join(json, "openapi.json"), `${JSON.stringify(document, null, 2)}\n`);
writeFileSync(join(json, "routes.json"), `${JSON.stringify(routes, null, 2)}\n`);

const graphql = join(import.meta.dirname, "graphql");
const contract = readFileSync(join(graphql, "contract.graphql"), "utf8");
const header = "/** Generated from `contract.graphql` by `npm run generate`. Do not edit. */\n";
writeFileSync(
  join(graphql, "contract.ts"),
  `${header}export const CONTRACT = \`\n${contract.replaceAll(/[\\`$]/g, "\\$&")}\`;\n`,
);
