"""What a value of a typed column is, whoever made it. What is not exactly one is Unfit."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

LONG_RANGE = range(-(2**63), 2**63)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,]([0-9]+))?)?"
    r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)"
)


class Unfit(ValueError):
    """A value that its column cannot hold as it is."""


def instant_of(text: str) -> datetime:
    """ISO 8601 with an offset, as UTC. Raises Unfit for local time, and for more than
    microseconds.
    """
    found = _INSTANT.fullmatch(text)
    if found is None or (found[1] or "")[6:].strip("0"):
        raise Unfit
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unfit from None


def date_of(text: str) -> date:
    """`YYYY-MM-DD`. Raises Unfit."""
    if _DATE.fullmatch(text) is None:
        raise Unfit
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unfit from None


def is_exact_double(number: int) -> bool:
    """Whether a double is this whole number."""
    try:
        return int(float(number)) == number
    except OverflowError:
        return False
