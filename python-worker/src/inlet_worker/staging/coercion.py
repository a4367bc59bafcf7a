"""Python values as those of a staged column: exactly, or with ValueError, TypeError or
OverflowError.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from inlet_sdk.ports.column_values import date_of, instant_of, is_exact_double

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Years 1 to 9999 in milliseconds: what a timestamp of every engine can hold.
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | bytes | int):
        raise TypeError
    text = value.decode() if isinstance(value, bytes) else str(value)
    # A lone surrogate has no UTF-8 form: the column shows U+FFFD, `_raw` keeps the vendor's escape.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _json(value: Any) -> str:
    return _text(value) if isinstance(value, str) else orjson.dumps(value).decode()


def _long(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or int(value) != value:
        raise TypeError
    return int(value)


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if isinstance(value, int) and not is_exact_double(value):
        raise ValueError
    return float(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _timestamp(value: Any) -> int:
    """Microseconds since the epoch, of a datetime or ISO 8601 text with an offset, or of integer
    milliseconds.
    """
    if isinstance(value, str):
        value = instant_of(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError
        return (value - _EPOCH) // _MICROSECOND
    millis = _long(value)
    if not _FIRST_MS <= millis <= _LAST_MS:
        raise ValueError
    return millis * 1000


def _date(value: Any) -> date:
    """A time of day would be cut off: a datetime is no date."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise TypeError
    return date_of(value)


COERCE: dict[str, Callable[[Any], Any]] = {
    "string": _text,
    "json": _json,
    "long": _long,
    "double": _double,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "date": _date,
}
_NONE = type(None)
# The Python types that Arrow converts without loss by itself (it would cut 1.5 to 1 in a long
# column).
EXACT: dict[str, set[type]] = {
    "string": {str, bytes, _NONE},
    "json": {str, bytes, _NONE},
    "long": {int, _NONE},
    "double": {float, _NONE},
    "boolean": {bool, _NONE},
}
