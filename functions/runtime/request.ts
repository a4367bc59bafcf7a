import * as z from "zod";
import type { IdempotentRequest } from "../../adapters/dynamodb/requests/idempotency.ts";
import { jsonTextFault } from "../../core/json-bounds.ts";
import { jsonFault } from "../../core/plain-json.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { Operation } from "../../schemas/operation.ts";
import type { Identity } from "../../schemas/tenant.ts";
import type { GatewayEvent } from "./gateway-event.ts";
import { validationError } from "./http-errors.ts";
import { idempotentRequest } from "./idempotency-key.ts";

/** A request that fits its operation's contract, from somebody who may. */
export interface Request<O extends Operation = Operation> {
  readonly operationId: string;
  readonly requestId: string;
  readonly identity: Identity;
  readonly path: z.infer<O["pathParams"]>;
  readonly query: z.infer<O["query"]>;
  readonly body: z.infer<O["body"]>;
  /** The version that the caller read; `*` for whichever; undefined when not said. */
  readonly ifMatch: number | "*" | undefined;
  readonly idempotency: IdempotentRequest | undefined;
  /** The caller does not wait for the result (`Prefer: respond-async`). */
  readonly prefersAsync?: boolean;
  /** What the browser sent, by name. */
  readonly cookies?: ReadonlyMap<string, string>;
  readonly now: Date;
}

const LARGEST_BODY_BYTES = 1_048_576;

/** Throws `VALIDATION_ERROR`, `PAYLOAD_TOO_LARGE` or `UNSUPPORTED_MEDIA_TYPE`. */
export function parseRequest<O extends Operation>(
  operation: O,
  event: GatewayEvent,
  identity: Identity,
  now: Date,
): Request<O> {
  const headers = Object.fromEntries(
    Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const path = parsePart(operation.pathParams, "path", decoded(event.pathParameters));
  const query = parsePart(operation.query, "query", event.queryStringParameters);
  const text = bodyText(event);
  const body =
    operation.body instanceof z.ZodUndefined ? undefined : parseBody(operation, text, headers);

  return {
    operationId: operation.id,
    requestId: event.requestContext.requestId,
    identity,
    path,
    query,
    body,
    ifMatch: operation.ifMatch === "none" ? undefined : parseIfMatch(headers["if-match"]),
    idempotency: operation.idempotencyKey
      ? idempotentRequest(operation.id, headers["idempotency-key"], { path, body })
      : undefined,
    prefersAsync: operation.respondAsync && prefersAsync(headers.prefer),
    cookies: cookiesOf(event.cookies, headers.cookie),
    now,
  } as Request<O>;
}

/** RFC 7240: preferences are separated by commas, and may have parameters. */
const prefersAsync = (prefer = "") =>
  prefer.split(",").some((one) => one.split(";")[0]?.trim().toLowerCase() === "respond-async");
/** The gateway gives them apart; others give them as a header. */
function cookiesOf(cookies: readonly string[], header = ""): ReadonlyMap<string, string> {
  const pairs = [...cookies, header].flatMap((text) => text.split(";"));
  const named = pairs.map((pair): [string, string] => {
    const [name = "", ...value] = pair.split("=");
    return [name.trim(), value.join("=").trim()];
  });
  return new Map(named);
}

function parsePart(schema: z.ZodType, where: "path" | "query" | "body", value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw validationError(where, parsed.error);
}

function decoded(parameters: Record<string, string>): Record<string, string> {
  const entries = Object.entries(parameters).map(([name, value]) => {
    try {
      return [name, decodeURIComponent(value)];
    } catch {
      return [name, value];
    }
  });
  return Object.fromEntries(entries);
}

function bodyText({ body, isBase64Encoded }: GatewayEvent): string {
  const text = body ?? "";
  // Four characters of base64 are three bytes; of what is plain, a character is a byte or more.
  const atLeast = isBase64Encoded ? (text.length / 4) * 3 - 3 : text.length;
  if (atLeast <= LARGEST_BODY_BYTES) {
    const bytes = Buffer.from(text, isBase64Encoded ? "base64" : "utf8");
    if (bytes.length <= LARGEST_BODY_BYTES) return bytes.toString("utf8");
  }
  throw new DomainError("PAYLOAD_TOO_LARGE", "The body is larger than 1 MB. Send less at once.");
}

function parseBody(
  { body: schema, bodyBounds }: Operation,
  text: string,
  headers: Record<string, string>,
): unknown {
  if (text === "" && schema instanceof z.ZodOptional) return undefined;
  if (!/^application\/(.+\+)?json\s*(;|$)/i.test(headers["content-type"] ?? "")) {
    throw new DomainError(
      "UNSUPPORTED_MEDIA_TYPE",
      "Send the body as JSON, with content-type: application/json.",
    );
  }
  const large = jsonTextFault(text, bodyBounds);
  if (large) throw bodyError(large);
  const value = parseJson(text);
  // Of a body with bounds of its own, nothing is kept as it is.
  const fault = bodyBounds ? undefined : jsonFault(value);
  if (fault) throw bodyError(fault);
  return parsePart(schema, "body", value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which may hold a secret.
    throw bodyError("is not JSON. Check its syntax");
  }
}

function bodyError(fault: string): DomainError {
  const errors = [{ path: "body", message: fault }];
  return new DomainError("VALIDATION_ERROR", `The body ${fault}.`, { errors });
}

function parseIfMatch(header: string | undefined): number | "*" | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === "*") return "*";
  const version = /^"([1-9]\d{0,14})"$/.exec(header.trim())?.[1];
  if (version) return Number(version);
  throw new DomainError(
    "VALIDATION_ERROR",
    'If-Match is not valid. Send the ETag that was answered, for example "3".',
    {
      errors: [{ path: "headers.if-match", message: "must be an ETag of ours" }],
    },
  );
}
