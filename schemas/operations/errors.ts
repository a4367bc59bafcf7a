/** Why an operation that starts a run of a unit is refused. */
export const RUN_REFUSED = [
  "NOT_FOUND",
  "UNIT_UNKNOWN",
  "NOT_COLLECTED",
  "ENDPOINT_DISABLED",
  "RUN_ACTIVE",
  "CONFLICT",
  "CONFIG_INVALID",
  "IDEMPOTENCY_MISMATCH",
  "TENANT_SUSPENDED",
  "QUOTA_EXCEEDED",
] as const;
