/**
 * Writes what the doors describe themselves with: from `schemas/operations/` the OpenAPI 3.1 document and the list of routes
 * (`schemas/json/`), from `schemas/graphql/contract.graphql` the module that functions are bundled with.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { createDocument, type ZodOpenApiPathsObject, type ZodOpenApiResponsesObject } from "zod-openapi";
import { Problem } from "./error.ts";
import { ERRORS, type ErrorCode } from "./errors.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

const json = join(import.meta.dirname, "json");
const isNothing = (schema: z.ZodObject) => Object.keys(schema.shape).length === 0;
const hasBody = (operation: Operation) => !(operation.body instanceof z.ZodUndefined);

/** Without an Authorization header the gateway itself refuses, before any code of ours. */
const GATEWAY_REFUSAL = { "application/json": { schema: z.object({ message: z.string() }) } };

function errorCodes(operation: Operation): ErrorCode[] {
  const codes: ErrorCode[] = ["VALIDATION_ERROR", ...operation.errors, "RATE_LIMITED", "INTERNAL", "TIMEOUT"];
  if (operation.role !== "public") codes.push("UNAUTHENTICATED", "FORBIDDEN");
  if (hasBody(operation)) codes.push("PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE");
  if (operation.ifMatch !== "none") codes.push("STALE_VERSION");
  if (operation.ifMatch === "required") codes.push("PRECONDITION_REQUIRED");
  return codes;
}

function responses(operation: Operation): ZodOpenApiResponsesObject {
  const answers: ZodOpenApiResponsesObject = {};
  for (const [status, schema] of Object.entries(operation.answers)) {
    answers[status as "200"] = {
      description: operation.summary,
      ...(schema && { content: { "application/json": { schema } } }),
    };
  }
  for (const code of errorCodes(operation)) {
    const status = String(ERRORS[code].status) as "400";
    const before = answers[status]?.description;
    answers[status] = {
      description: before ? `${before}, \`${code}\`` : `\`${code}\``,
      content: { "application/problem+json": { schema: Problem }, ...(code === "UNAUTHENTICATED" && GATEWAY_REFUSAL) },
    };
  }
  return answers;
}

function headers(operation: Operation): z.ZodObject | undefined {
  const shape: Record<string, z.ZodType> = {};
  if (operation.ifMatch !== "none") {
    shape["If-Match"] = z
      .string()
      .regex(/^("[1-9]\d*"|\*)$/)
      .optional()
      .describe("The version last read, from `ETag`.");
  }
  if (operation.idempotencyKey) {
    shape["Idempotency-Key"] = z
      .string()
      .regex(/^[\x21-\x7e]{1,128}$/)
      .optional()
      .describe("A repeated request with the same key gets the first one's answer, for 24 hours.");
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
      requestBody: { required: true, content: { "application/json": { schema: operation.body } } },
    }),
    responses: responses(operation),
  };
}

const paths: ZodOpenApiPathsObject = {};
for (const operation of OPERATIONS) {
  paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: pathItem(operation) };
}

const document = createDocument({
  openapi: "3.1.1",
  info: { title: "Inlet", version: "1.0.0", description: "Registers, configures and runs ingestion." },
  security: [{ token: [] }],
  paths,
  components: { securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
});
const routes = OPERATIONS.map(({ method, path, area, role }) => ({ method, path, area, public: role === "public" }));
writeFileSync(join(json, "openapi.json"), `${JSON.stringify(document, null, 2)}\n`);
writeFileSync(join(json, "routes.json"), `${JSON.stringify(routes, null, 2)}\n`);

const graphql = join(import.meta.dirname, "graphql");
const contract = readFileSync(join(graphql, "contract.graphql"), "utf8");
const header = "/** Generated from `contract.graphql` by `npm run generate`. Do not edit. */\n";
writeFileSync(
  join(graphql, "contract.ts"),
  `${header}export const CONTRACT = \`\n${contract.replaceAll(/[\\`$]/g, "\\$&")}\`;\n`,
);
