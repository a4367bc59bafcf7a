/**
 * The one chain that every request goes through: identity, contract, operation, answer or problem
 * document, log, metrics.
 */
import middy from "@middy/core";
import httpRouter from "@middy/http-router";
import { refuseLarge } from "../../core/answer-size.ts";
import { DomainError, ERRORS, type ErrorCode } from "../../schemas/errors.ts";
import type { Area, Operation } from "../../schemas/operation.ts";
import type { Identity } from "../../schemas/tenant.ts";
import type { Answer } from "./answer.ts";
import { GatewayEvent, type GatewayResponse } from "./gateway-event.ts";
import { toDomainError, toProblem } from "./http-errors.ts";
import { identify } from "./identity.ts";
import { parseRequest, type Request } from "./request.ts";
import { countRequest, logRequest, logUnexpected } from "./telemetry.ts";

/** An operation and what does it, given the deps of its area. */
export interface Route<D> {
  readonly operation: Operation;
  readonly handle: (request: never, deps: D) => Promise<Answer>;
}

export function route<O extends Operation, D>(
  operation: O,
  handle: (request: Request<O>, deps: D) => Promise<Answer>,
): Route<D> {
  return { operation, handle };
}

export type Handler = (event: unknown, context?: unknown) => Promise<GatewayResponse>;

/** Whether a tenant may send one more request: throws `RATE_LIMITED` when not. */
export type Admit<D> = (deps: D, tenantId: string, now: Date, identity: Identity) => Promise<void>;

/** Leaves the gateway a second to receive the answer. */
const EARLY_MS = 1000;

interface Place {
  readonly method: string;
  readonly path: string;
}

/**
 * The handler of one area, which counts requests with `admit`. Whatever the event, it answers; deps
 * are built on the first request that needs them. What no route of its own takes is refused with
 * what `places` know of the path.
 */
export function restHandler<D>(
  routes: readonly Route<D>[],
  deps: () => Promise<D>,
  admit?: Admit<D>,
  places: readonly Place[] = routes.map(({ operation }) => operation),
): Handler {
  const router = httpRouter({
    routes: routes.map((one) => ({
      method: one.operation.method,
      path: one.operation.path,
      handler: (event: unknown) => answer(one, event, deps, admit),
    })),
    notFoundResponse: ({ method, path }) => {
      throw noRoute(places, method, path);
    },
  });

  const chain = middy({ timeoutEarlyInMillis: EARLY_MS })
    .use(telemetry(areaOf(routes)))
    .use({ onError: (request) => problemResponse(request) })
    .handler(router as never);
  return (event, context) =>
    (chain as (event: unknown, context: unknown) => Promise<GatewayResponse>)(
      plainObject(event),
      plainObject(context),
    );
}

async function answer<D>(
  { operation, handle }: Route<D>,
  rawEvent: unknown,
  deps: () => Promise<D>,
  admit: Admit<D> | undefined,
) {
  const event = GatewayEvent.parse(rawEvent);
  const noted = rawEvent as Noted;
  noted.operation = operation.id;
  const identity = identify(event, operation.role);
  noted.tenantId = operation.role === "public" ? null : identity.tenantId;

  const now = new Date();
  if (operation.role !== "public") await admit?.(await deps(), identity.tenantId, now, identity);
  const request = parseRequest(operation, event, identity, now);

  const { status, body, headers, failure, ofVendor } = await handle(request as never, await deps());
  if (failure) noted.code = failure;
  if (ofVendor) noted.ofVendor = true;
  noted.runId = runIdOf(request.path) ?? runIdOf(body);
  return response(status, "application/json", body, headers);
}

/** What the log line says of a request, noted on its event. */
interface Noted {
  operation?: string;
  tenantId?: string | null;
  runId?: string | null;
  code?: ErrorCode;
  ofVendor?: boolean;
  startedAt?: number;
}

const PROBLEM_JSON = "application/problem+json";

/** Codes of 5xx that say what a vendor did: no alarm of ours rings for it. */
const OF_VENDORS = new Set<ErrorCode>([
  "SOURCE_UNAVAILABLE",
  "UNEXPECTED_RESPONSE",
  "RESPONSE_TOO_LARGE",
  "PAGINATION_LOOP",
]);

function problemResponse(request: { event: unknown; error: unknown; response: unknown }): void {
  const error = toDomainError(request.error);
  const requestId = requestIdOf(request.event);
  const problem = toProblem(error, requestId);
  if (error.code === "INTERNAL") logUnexpected(requestId, request.error);

  const noted = request.event as Noted;
  noted.code = error.code;
  if (OF_VENDORS.has(error.code)) noted.ofVendor = true;
  noted.runId ??= runIdOf(error.details);
  const soon = problem.status === 429 || error.code === "IDEMPOTENCY_IN_FLIGHT";
  const allow = typeof error.details.allow === "string" ? { allow: error.details.allow } : {};
  request.response = response(problem.status, PROBLEM_JSON, problem, {
    ...allow,
    ...(soon && { "retry-after": String(error.details.retryAfterSeconds ?? 1) }),
  });
}

/** Operations of one area share a function. Throws when these do not. */
function areaOf(routes: readonly Route<never>[]): Area {
  const [area, ...others] = new Set(routes.map(({ operation }) => operation.area));
  if (area && others.length === 0) return area;
  throw new Error(
    `One function serves the area ${[area, ...others].join(" and ")}. Give each area its own.`,
  );
}

function telemetry(area: Area) {
  const end = (request: { event: unknown; response: unknown }) => {
    const {
      operation = null,
      tenantId = null,
      runId = null,
      code = null,
      startedAt = 0,
      ofVendor = false,
    } = request.event as Noted;
    const status = (request.response as GatewayResponse).statusCode;
    const durationMs = Math.round(performance.now() - startedAt);

    logRequest({
      requestId: requestIdOf(request.event),
      tenantId,
      operation,
      status,
      durationMs,
      code,
      runId,
    });
    const told = code ? ERRORS[code].status : status;
    countRequest(area, ofVendor ? "vendor" : told, durationMs);
  };

  const start = (request: { event: unknown }) => {
    (request.event as Noted).startedAt = performance.now();
  };
  return { before: start, after: end, onError: end };
}

/**
 * Throws `PAYLOAD_TOO_LARGE` for what no function can answer: parts of things are bounded, this is
 * the net under them.
 */
function response(
  status: number,
  type: string,
  body: unknown,
  headers: Answer["headers"] = {},
): GatewayResponse {
  const text = body === undefined ? "" : JSON.stringify(body);
  refuseLarge(text);

  return {
    statusCode: status,
    headers: {
      ...(body !== undefined && { "content-type": type }),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
    body: text,
  };
}

function noRoute(places: readonly Place[], method: string, path: string): DomainError {
  const known = places
    .filter((place) => pattern(place.path).test(path))
    .map((place) => place.method);
  if (known.length === 0 || known.includes(method)) {
    return new DomainError("NOT_FOUND", "This path does not exist. See GET /openapi.json.");
  }

  const allow = known.join(", ");
  return new DomainError(
    "METHOD_NOT_ALLOWED",
    `This path supports ${allow}. See GET /openapi.json.`,
    { allow },
  );
}

const pattern = (path: string) =>
  new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{[^}]+\}/g, "[^/]+")}/?$`);

function requestIdOf(event: unknown): string {
  const id = (event as { requestContext?: { requestId?: unknown } }).requestContext?.requestId;
  return typeof id === "string" && /^[\w=+/-]{1,200}$/.test(id) ? id : "unknown";
}

function runIdOf(holder: unknown): string | null {
  const runId =
    typeof holder === "object" && holder !== null ? (holder as { runId?: unknown }).runId : null;
  return typeof runId === "string" ? runId : null;
}

/** A copy, since the chain writes notes on it; empty for what is not an object. */
function plainObject(value: unknown): object {
  return typeof value === "object" && value !== null
    ? { version: "2.0", ...value }
    : { version: "2.0" };
}
