"""Reading a vendor's "not now": how long, why, and whether to wait here or to hand the wait to the
workflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from inlet_sdk.redaction import shown

MAX_WAIT_IN_PLACE_SECONDS = 30.0
LEAST_WAIT_SECONDS = 1.0
"""A shorter wait, and a time that has passed, say no more than that it is too soon now."""
DEFAULT_HOLD_SECONDS = 60.0
MAX_REASON = 64
MAX_DIGITS = 20
MAX_HOLD_SECONDS = (
    86_400.0  # longer ones are a vendor's mistake, or none's: asking once a day costs nothing
)


@dataclass(frozen=True)
class RateLimit:
    """`seconds` is None when the vendor named no usable time. `reason` is its word for the limit,
    or the status.
    """

    reason: str
    seconds: float | None

    @property
    def is_quota(self) -> bool:
        """Hourly quotas (`jira-quota-tenant-based`, …) come back at the top of the UTC hour."""
        return "quota" in self.reason

    @property
    def is_per_record(self) -> bool:
        """Of one record that was written too often; the rest of the site may be asked."""
        return "per-issue" in self.reason

    @property
    def is_too_fast(self) -> bool:
        """The flow was the fault: not an hour's quota, and not a site that is down for
        maintenance.
        """
        return not self.is_quota and self.reason not in ("http-403", "http-503")


def read_rate_limit(status: int, headers: Mapping[str, str], now: datetime) -> RateLimit | None:
    """The limit an answer speaks of; None for an answer that is no refusal for now.

    Retry-After counts before X-RateLimit-Reset: reset times were seen to be wrong in the field.
    """
    retry_after = _retry_after(headers.get("Retry-After"), now)
    if status != 429 and not (status in (403, 503) and retry_after is not None):
        return None

    reason = shown(headers.get("RateLimit-Reason") or "", MAX_REASON) or f"http-{status}"
    if retry_after is not None:
        return RateLimit(reason, retry_after)

    reset = _seconds_until(headers.get("X-RateLimit-Reset"), now)
    limit = RateLimit(reason, reset)
    if limit.is_quota and (reset is None or not 0 < reset <= 3600):
        return RateLimit(reason, (next_utc_hour(now) - now).total_seconds())
    return limit


def wait_seconds(limit: RateLimit, attempt: int) -> float:
    """How long to wait after the refusal `attempt` (0, 1, …): what the vendor named, or a second,
    and more each time.
    """
    if limit.seconds is not None:
        return limit.seconds
    return LEAST_WAIT_SECONDS * float(2**attempt)


def resume_time(limit: RateLimit, now: datetime) -> datetime:
    """When to ask again after waits in place did not help or were too long."""
    named = now + timedelta(
        seconds=DEFAULT_HOLD_SECONDS if limit.seconds is None else limit.seconds
    )
    if limit.is_quota and (limit.seconds or 0) <= MAX_WAIT_IN_PLACE_SECONDS:
        return next_utc_hour(now)
    return named


def next_utc_hour(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _retry_after(text: str | None, now: datetime) -> float | None:
    if text is None:
        return None
    if text.strip().isdecimal():
        return _usable(float(text.strip()[:MAX_DIGITS]))
    try:
        return _usable((parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None


def _seconds_until(text: str | None, now: datetime) -> float | None:
    """`text` is ISO 8601 (Atlassian) or epoch seconds (GitHub)."""
    if not text:
        return None
    try:
        at = (
            datetime.fromtimestamp(int(text), UTC)
            if text.isdecimal()
            else datetime.fromisoformat(text)
        )
    except (ValueError, OverflowError, OSError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return _usable((at - now).total_seconds())


def _usable(seconds: float) -> float | None:
    return None if seconds < LEAST_WAIT_SECONDS else min(MAX_HOLD_SECONDS, seconds)
