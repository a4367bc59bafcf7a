"""Generated from `schemas/address-ranges.ts` and `errors.ts` by `npm run generate`. Do not edit."""

EGRESS_FAULT = "must be an https URL of a public host, on port 443, without credentials, query or fragment"

EGRESS_HOST = "^(?:([0-9A-Fa-f:.]{2,45})|([A-Za-z0-9.-]{1,253}))$"

EGRESS_HOST_FAULT = "must be the name of a public host, without scheme, port or path"

EGRESS_INSIDE_NAMES = (
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
)

EGRESS_LOCAL_RANGES_IPV4 = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
)
EGRESS_LOCAL_RANGES_IPV6 = (
    "::1/128",
    "fc00::/7",
)

EGRESS_NEVER_IPV6 = "fd00:ec2::/32"

EGRESS_PORT = "443"

EGRESS_PUBLIC_IPV6 = "2000::/3"

EGRESS_RANGES_IPV4 = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
EGRESS_RANGES_IPV6 = (
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3ffe::/16",
    "3fff::/20",
)

EGRESS_URL = "^([Hh][Tt][Tt][Pp][Ss]?)://(?:\\[([0-9A-Fa-f:.]{2,45})\\]|([A-Za-z0-9.-]{1,253}))(?::([1-9][0-9]{0,4}))?(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?$"

EGRESS_URL_LENGTH = "500"

ERRORS = {
    "VALIDATION_ERROR": False,
    "CONFIG_INVALID": False,
    "CURSOR_INVALID": False,
    "UNAUTHENTICATED": False,
    "FORBIDDEN": False,
    "NOT_FOUND": False,
    "METHOD_NOT_ALLOWED": False,
    "CONFLICT": False,
    "RUN_ACTIVE": False,
    "NOT_COLLECTED": False,
    "ENDPOINT_DISABLED": False,
    "CONNECTOR_INACTIVE": False,
    "TENANT_SUSPENDED": False,
    "QUOTA_EXCEEDED": False,
    "IDEMPOTENCY_IN_FLIGHT": True,
    "ARTIFACT_GONE": False,
    "STALE_VERSION": False,
    "PAYLOAD_TOO_LARGE": False,
    "ITEM_TOO_LARGE": False,
    "UNSUPPORTED_MEDIA_TYPE": False,
    "IDEMPOTENCY_MISMATCH": False,
    "PRECONDITION_REQUIRED": False,
    "RATE_LIMITED": True,
    "RATE_LIMIT_EXCEEDED": True,
    "WORKER_BUSY": True,
    "INTERNAL": True,
    "EXECUTION_ERROR": False,
    "SOURCE_UNAVAILABLE": True,
    "UNEXPECTED_RESPONSE": True,
    "RESPONSE_TOO_LARGE": False,
    "TIMEOUT": True,
    "SOURCE_HOST_UNKNOWN": False,
    "SOURCE_REFUSED": False,
    "SOURCE_CERTIFICATE_INVALID": False,
    "SOURCE_TLS_FAILED": False,
    "AUTH_ERROR": False,
    "SOURCE_REJECTED": False,
    "SOURCE_FORBIDDEN": False,
    "SOURCE_NOT_FOUND": False,
    "API_GONE": False,
    "PAGINATION_LOOP": False,
    "UNIT_UNKNOWN": False,
    "RECORD_INVALID": False,
    "PROJECT_FORBIDDEN": False,
    "SUSPICIOUS_EMPTY": False,
    "SCHEMA_FROZEN": False,
    "SOURCE_CHANGED": False,
    "TRANSFORM_FAILED": False,
    "SINK_UNAVAILABLE": True,
    "SINK_REJECTED": False,
    "STAGING_GONE": False,
    "STAGING_CORRUPT": True,
    "FENCED": False,
    "STALE_CHECKPOINT": False,
    "OUT_OF_MEMORY": False,
    "CANCELLED": False,
}
"""Error code to whether a retry can help."""
