/**
 * What an operation may answer, as OpenAPI says it: bodies, headers, and the error codes of each
 * status.
 */
import * as z from "zod";
import type { ZodOpenApiResponsesObject } from "zod-openapi";
import { ERRORS, type ErrorCode } from "./errors.ts";
import type { Operation } from "./operation.ts";

export const hasBody = (operation: Operation) => !(operation.body instanceof z.ZodUndefined);

/**
 * What the gateway says by itself, before any code of ours: without an Authorization header, over
 * its own limits, or when a function could not be asked. HTTP APIs have no gateway responses that
 * could make a problem document of it.
 */
const GATEWAY_STATUS = new Set([401, 413, 429, 500, 503]);
const gatewayAnswer = {
  "application/json": { schema: { $ref: "#/components/schemas/GatewayMessage" } as const },
};

function errorCodes(operation: Operation): ErrorCode[] {
  const codes: ErrorCode[] = [
    "VALIDATION_ERROR",
    ...operation.errors,
    "INTERNAL",
    "TIMEOUT",
    "PAYLOAD_TOO_LARGE",
  ];

  if (operation.role !== "public") codes.push("UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED");
  if (hasBody(operation)) codes.push("ITEM_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE");
  if (operation.ifMatch !== "none") codes.push("STALE_VERSION");
  if (operation.ifMatch === "required") codes.push("PRECONDITION_REQUIRED");
  if (operation.idempotencyKey) codes.push("IDEMPOTENCY_MISMATCH");

  return [...new Set(codes)];
}

/**
 * Every refusal that an operation refers to, by its codes: most are many operations' own. Filled by
 * `responses`.
 */
export const refusals: Record<string, ReturnType<typeof refusal>> = {};

export function responses(operation: Operation): ZodOpenApiResponsesObject {
  const answers: ZodOpenApiResponsesObject = {};
  for (const [status, schema] of Object.entries(operation.answers)) {
    const headers = answerHeaders(Number(status), schema);
    answers[status as "200"] = {
      description: operation.summary,
      ...(headers && { headers }),
      ...(schema && { content: { "application/json": { schema } } }),
    };
  }

  const byStatus = Map.groupBy(errorCodes(operation), (code) => ERRORS[code].status as number);
  for (const status of GATEWAY_STATUS) if (!byStatus.has(status)) byStatus.set(status, []);
  for (const [status, codes] of byStatus) {
    if (operation.resultStatuses.includes(status)) continue;
    const name = codes.length > 0 ? codes.join("-") : `GATEWAY-${status}`;
    refusals[name] ??= refusal(status, codes);
    answers[String(status) as "400"] = { $ref: `#/components/responses/${name}` };
  }
  for (const status of operation.resultStatuses)
    answers[String(status) as "400"] = badResult(status, byStatus.get(status) ?? []);

  return answers;
}

/** A result that tells of an error, or a problem document, as of any other operation. */
function badResult(status: number, codes: readonly ErrorCode[]) {
  const { content, description, ...rest } = refusal(status, codes);
  const names = ["IntegrationResult", ...(GATEWAY_STATUS.has(status) ? ["GatewayMessage"] : [])];
  const refs = names.map((name) => ({ $ref: `#/components/schemas/${name}` }) as const);
  return {
    ...rest,
    description: codes.length > 0 ? `${description}, or a result that says why.` : "A result.",
    content: { ...content, "application/json": { schema: { anyOf: refs } } },
  };
}

/** A versioned item comes with its `ETag`, work that was taken on with where to ask how it goes. */
function answerHeaders(status: number, schema: z.ZodType | null) {
  if (status === 202)
    return {
      Location: required("Path to poll for the result.", { type: "string", pattern: "^/" }),
    };
  const versioned =
    schema instanceof z.ZodObject && "version" in schema.shape && "createdAt" in schema.shape;
  const ETag = required("Version of the item. Send it as If-Match.", {
    type: "string",
    pattern: '^"[1-9][0-9]*"$',
  });
  return versioned && status !== 204 ? { ETag } : undefined;
}

function refusal(status: number, codes: readonly ErrorCode[]) {
  const problem = {
    allOf: [{ $ref: "#/components/schemas/Problem" } as const],
    properties: { code: { enum: [...codes] }, status: { const: status } },
  };
  const retryAfter = {
    "Retry-After": {
      description: "Seconds.",
      schema: { type: "string", pattern: "^[1-9][0-9]*$" },
    },
  };

  return {
    description:
      codes.length > 0
        ? codes.map((code) => `\`${code}\``).join(", ")
        : "Answered by the gateway itself.",
    ...(codes.includes("RATE_LIMITED") && { headers: retryAfter as never }),
    content: {
      ...(codes.length > 0 && { "application/problem+json": { schema: problem } }),
      ...(GATEWAY_STATUS.has(status) && gatewayAnswer),
    },
  };
}

function required(description: string, schema: { type: "string"; pattern: string }) {
  return { description, required: true, schema };
}
