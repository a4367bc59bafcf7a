/**
 * Every error code: its HTTP status, whether trying again can help, and the title of its problem
 * document.
 */
export const ERRORS = {
  VALIDATION_ERROR: { status: 400, retryable: false, title: "The request is not valid" },
  CONFIG_INVALID: { status: 400, retryable: false, title: "The configuration is not valid" },
  CURSOR_INVALID: { status: 400, retryable: false, title: "The page cursor is not valid" },
  UNAUTHENTICATED: { status: 401, retryable: false, title: "The token is missing or not valid" },
  FORBIDDEN: { status: 403, retryable: false, title: "The role does not allow this" },
  NOT_FOUND: { status: 404, retryable: false, title: "Not found" },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryable: false,
    title: "The path does not support this method",
  },
  CONFLICT: { status: 409, retryable: false, title: "The current state does not allow this" },
  RUN_ACTIVE: { status: 409, retryable: false, title: "A run of this unit is active" },
  NOT_COLLECTED: {
    status: 409,
    retryable: false,
    title: "The endpoint's catalogue was never collected",
  },
  ENDPOINT_DISABLED: { status: 409, retryable: false, title: "The endpoint is disabled" },
  CONNECTOR_INACTIVE: {
    status: 409,
    retryable: false,
    title: "The version of the connector is inactive",
  },
  TENANT_SUSPENDED: { status: 409, retryable: false, title: "The tenant is suspended" },
  QUOTA_EXCEEDED: { status: 409, retryable: false, title: "The tenant's quota is used up" },
  IDEMPOTENCY_IN_FLIGHT: {
    status: 409,
    retryable: true,
    title: "The first request with this key is still being processed",
  },
  ARTIFACT_GONE: { status: 410, retryable: false, title: "The artifact's files are gone" },
  STALE_VERSION: { status: 412, retryable: false, title: "The stored version is another" },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, title: "The body is too large" },
  ITEM_TOO_LARGE: {
    status: 413,
    retryable: false,
    title: "The item is too large to be stored",
  },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, title: "The body must be JSON" },
  IDEMPOTENCY_MISMATCH: {
    status: 422,
    retryable: false,
    title: "The idempotency key was used with another request",
  },
  PRECONDITION_REQUIRED: { status: 428, retryable: false, title: "If-Match is required" },
  RATE_LIMITED: { status: 429, retryable: true, title: "Too many requests" },
  RATE_LIMIT_EXCEEDED: {
    status: 429,
    retryable: true,
    title: "What the source allows is used up",
  },
  WORKER_BUSY: { status: 429, retryable: true, title: "All available worker slots are in use" },
  INTERNAL: { status: 500, retryable: true, title: "Something failed on our side" },
  EXECUTION_ERROR: { status: 502, retryable: false, title: "The method was not executed" },
  SOURCE_UNAVAILABLE: { status: 502, retryable: true, title: "The source does not answer" },
  UNEXPECTED_RESPONSE: {
    status: 502,
    retryable: true,
    title: "The source gave an unexpected answer",
  },
  RESPONSE_TOO_LARGE: { status: 502, retryable: false, title: "The source's answer is too large" },
  TIMEOUT: { status: 504, retryable: true, title: "The operation timed out" },
  SOURCE_HOST_UNKNOWN: {
    status: 422,
    retryable: false,
    title: "The source's host name is unknown",
  },
  SOURCE_REFUSED: { status: 422, retryable: false, title: "The source refuses the connection" },
  SOURCE_CERTIFICATE_INVALID: {
    status: 422,
    retryable: false,
    title: "The source's certificate is not valid",
  },
  SOURCE_TLS_FAILED: {
    status: 422,
    retryable: false,
    title: "The source offers no trusted TLS connection",
  },
  AUTH_ERROR: { status: 422, retryable: false, title: "The source refuses the credentials" },
  SOURCE_REJECTED: { status: 422, retryable: false, title: "The source refuses the request" },
  SOURCE_FORBIDDEN: {
    status: 422,
    retryable: false,
    title: "The source's account lacks a permission",
  },
  SOURCE_NOT_FOUND: {
    status: 422,
    retryable: false,
    title: "The source answers that this does not exist",
  },
  API_GONE: { status: 422, retryable: false, title: "The source removed this API" },
  PAGINATION_LOOP: { status: 502, retryable: false, title: "The source's pages repeat" },
  UNIT_UNKNOWN: { status: 404, retryable: false, title: "The endpoint has no such unit" },
  RECORD_INVALID: { status: 422, retryable: false, title: "A record does not fit its dataset" },
  PROJECT_FORBIDDEN: {
    status: 422,
    retryable: false,
    title: "The source refuses access to a project",
  },
  SUSPICIOUS_EMPTY: {
    status: 422,
    retryable: false,
    title: "The source shows no records where there were many",
  },
  SCHEMA_FROZEN: {
    status: 422,
    retryable: false,
    title: "The source's fields changed and the schema is frozen",
  },
  SOURCE_CHANGED: {
    status: 409,
    retryable: false,
    title: "The source is another site than the rows are of",
  },
  TRANSFORM_FAILED: {
    status: 422,
    retryable: false,
    title: "The transform cannot do its work on this data",
  },
  SINK_UNAVAILABLE: { status: 502, retryable: true, title: "The sink does not answer" },
  SINK_REJECTED: { status: 422, retryable: false, title: "The sink refuses the rows" },
  STAGING_GONE: {
    status: 409,
    retryable: false,
    title: "The staging of the run is no longer kept",
  },
  STAGING_CORRUPT: { status: 500, retryable: true, title: "A staged object is damaged" },
  FENCED: { status: 409, retryable: false, title: "A newer run owns the unit" },
  STALE_CHECKPOINT: { status: 409, retryable: false, title: "The checkpoint has moved" },
  OUT_OF_MEMORY: {
    status: 500,
    retryable: false,
    title: "The run needed more memory than it may use",
  },
  CANCELLED: { status: 409, retryable: false, title: "The run was cancelled" },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/**
 * The one error our code throws on purpose. The message ends with the remedy; `details` is shown to
 * the caller.
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;

  constructor(
    code: ErrorCode,
    message: string,
    details: Record<string, unknown> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "DomainError";
    this.code = code;
    this.details = details;
  }
}
