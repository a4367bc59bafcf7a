"""JSON values as the values of typed columns: exactly, or not at all. Nothing is rounded, cut or
guessed; what does not fit is Unfit, for the caller to count and to keep.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Raw

from inlet_sdk.http.json_record import string_of
from inlet_sdk.ports.column_values import LONG_RANGE, Unfit, date_of, instant_of

DOUBLE_DIGITS = 17
"""Significant digits that tell every double from the next."""
ALWAYS_EXACT = 15
"""Decimals of so many digits come back from a double as they went in."""
LONGEST_NUMBER = 1_000

_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NULL = b"null"


def to_string(raw: Raw) -> str | None:
    """A string's value; the JSON text of anything else."""
    text = bytes(raw)
    if text[:1] == b'"':
        return string_of(raw)
    return None if text == _NULL else text.decode()


def to_json(raw: Raw) -> str | None:
    """JSON text as the vendor wrote it (lone surrogates as U+FFFD)."""
    text = bytes(raw)
    return None if text == _NULL else text.decode()


def to_timestamp(raw: Raw) -> datetime | None:
    """Text in ISO 8601 with an offset, as UTC. Raises Unfit."""
    text = _text_of(raw)
    return None if text is None else instant_of(text)


def to_date(raw: Raw) -> date | None:
    """Text `YYYY-MM-DD`. A date with a time is Unfit: it would be cut."""
    text = _text_of(raw)
    return None if text is None else date_of(text)


def to_long(raw: Raw) -> int | None:
    """A number without a fraction, of 64 bits, also as the text of one. Raises Unfit."""
    text = _number_of(raw)
    if text is None:
        return None
    if len(text) < len(str(LONG_RANGE.stop)) and text.lstrip("-").isdigit():
        return int(text)

    number = _exact(text)
    if not LONG_RANGE.start <= number < LONG_RANGE.stop or number != number.to_integral_value():
        raise Unfit
    return int(number)


def to_double(raw: Raw) -> float | None:
    """A number, also as the text of one. Raises Unfit where a double would be another number."""
    text = _number_of(raw)
    if text is None:
        return None
    if len(text) <= ALWAYS_EXACT and "e" not in text and "E" not in text:
        return float(text)
    return _double_of(text)


def to_boolean(raw: Raw) -> bool | None:
    """Raises Unfit for anything but true and false."""
    text = bytes(raw)
    if text == _NULL:
        return None
    if text not in _BOOLEANS:
        raise Unfit
    return _BOOLEANS[text]


def _double_of(text: str) -> float:
    """A double that says the number again: whole numbers exactly, others in as many digits as they
    have.
    """
    wanted, found = _exact(text), float(text)
    if not math.isfinite(found):
        raise Unfit
    if Decimal(found) == wanted:
        return found

    digits = len(_significant(wanted))
    is_whole = "." not in text and "e" not in text and "E" not in text
    if is_whole or digits > DOUBLE_DIGITS:
        raise Unfit

    # Half-way between two texts of so many digits, the shortest of the double is either.
    said = {Decimal(f"{found:.{digits - 1}e}"), Decimal(repr(found))}
    if wanted not in said:
        raise Unfit
    return found


def _significant(number: Decimal) -> str:
    return "".join(map(str, number.as_tuple().digits)).rstrip("0") or "0"


def _exact(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise Unfit
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Unfit from None


def _text_of(raw: Raw) -> str | None:
    text = bytes(raw)
    if text == _NULL:
        return None
    if text[:1] != b'"':
        raise Unfit
    return string_of(raw)


def _number_of(raw: Raw) -> str | None:
    """The digits of a number; of text only where they are a plain decimal."""
    text = bytes(raw)
    if text == _NULL:
        return None
    if text[:1] == b'"':
        plain = string_of(raw)
        if _DECIMAL.fullmatch(plain) is None:
            raise Unfit
        return plain
    if text[:1] not in _NUMBER_BEGINS:
        raise Unfit
    return text.decode()


_BOOLEANS = {b"true": True, b"false": False}
_NUMBER_BEGINS = frozenset([b"-", *(b"%d" % digit for digit in range(10))])

CONVERTERS: dict[str, Callable[[Raw], Any]] = {
    "string": to_string,
    "json": to_json,
    "timestamp": to_timestamp,
    "date": to_date,
    "long": to_long,
    "double": to_double,
    "boolean": to_boolean,
}
"""By column type. None for null; each raises Unfit for what the column cannot hold."""
