"""The time up to which a source's changes can be known: its own by the `Date` of its answers, or
ours where that is earlier.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

CUT = timedelta(milliseconds=999)
"""What a `Date`, whole seconds, may have lost."""


class SourceClock:
    """How far the source's clock is behind ours, as far as its answers prove. The nodes of a site
    have clocks of their own, so the slowest that was seen counts.
    """

    def __init__(self) -> None:
        self._behind = timedelta()

    def saw(self, headers: Mapping[str, str], asked: datetime) -> None:
        """An answer came to what was asked then, by our clock. It was dated later than that, so
        that a slow answer is not taken for a slow clock. One without a `Date` that can be read
        tells nothing.
        """
        at = _date(headers)
        if at is not None:
            self._behind = max(self._behind, asked - at - CUT)

    def earlier(self, now: datetime) -> datetime:
        """The source's time or ours."""
        return now - self._behind


def _date(headers: Mapping[str, str]) -> datetime | None:
    """When the answer was given: a cache keeps the `Date` of then and says its `Age`."""
    try:
        at = parsedate_to_datetime(headers.get("Date") or "")
        aged = at + timedelta(seconds=int(headers.get("Age") or 0))
    except (ValueError, OverflowError, TypeError):
        return None
    return aged.astimezone(UTC) if aged.tzinfo else aged.replace(tzinfo=UTC)
