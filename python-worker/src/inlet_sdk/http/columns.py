"""Typed columns out of a vendor's record. A value that does not fit its column lands as null;
`_raw` keeps it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Raw

from inlet_sdk.http.json_record import Members, string_of
from inlet_sdk.ports.described_endpoint import FieldDescriptor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
LONG_RANGE = range(-(2**63), 2**63)
Long = Annotated[int, msgspec.Meta(ge=LONG_RANGE.start, le=LONG_RANGE.stop - 1)]
"""Of a vendor's answer, where cursors and states keep it: as numbers that 64 bits hold."""
LONGEST_LONG = 20

_members: msgspec.json.Decoder[Members] = msgspec.json.Decoder(Members)


@dataclass(frozen=True)
class Column:
    """A column `name` filled from the member at `path` (one or two names)."""

    name: str
    type: str
    path: tuple[str, ...]
    description: str = ""

    def descriptor(self) -> FieldDescriptor:
        return FieldDescriptor(self.name, self.type, nullable=True, description=self.description)


def column(name: str, type_: str, path: str = "", description: str = "") -> Column:
    """Shorthand for tables of columns: the path is dotted and defaults to the name."""
    return Column(name, type_, tuple((path or name).split(".")), description)


class ColumnReader:
    """Reads a fixed set of columns. Nested objects are parsed once, whatever the number of columns
    that look inside.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._flat: list[tuple[str, str, Callable[[Raw], Any]]] = []
        self._nested: dict[str, list[tuple[str, str, Callable[[Raw], Any]]]] = {}
        for c in columns:
            into = self._flat if len(c.path) == 1 else self._nested.setdefault(c.path[0], [])
            into.append((c.name, c.path[-1], CONVERTERS[c.type]))

    def read(self, members: Members) -> dict[str, Any]:
        """The row of a record's members; columns without a value are left out."""
        row: dict[str, Any] = {}
        for name, member, convert in self._flat:
            raw = members.get(member)
            if raw is not None and (value := convert(raw)) is not None:
                row[name] = value

        for parent, leaves in self._nested.items():
            raw = members.get(parent)
            if raw is None or bytes(memoryview(raw)[:1]) != b"{":
                continue
            inner = _members.decode(raw)
            for name, member, convert in leaves:
                leaf = inner.get(member)
                if leaf is not None and (value := convert(leaf)) is not None:
                    row[name] = value

        return row


def to_string(raw: Raw) -> str | None:
    """A string's value; the JSON text of anything else."""
    text = bytes(raw)
    if text[:1] == b'"':
        return string_of(raw)
    return None if text == b"null" else text.decode()


def to_json(raw: Raw) -> str | None:
    """JSON text as the vendor wrote it (lone surrogates as U+FFFD)."""
    text = bytes(raw)
    return None if text == b"null" else text.decode()


def to_timestamp(raw: Raw) -> datetime | None:
    """ISO 8601 with an offset, as UTC."""
    text = to_string(raw)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def to_date(raw: Raw) -> date | None:
    text = to_string(raw)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def to_long(raw: Raw) -> int | None:
    text = to_string(raw)
    try:
        value = int(text) if text else None
    except ValueError:
        number = to_double(raw)
        value = int(number) if number is not None and number.is_integer() else None
    return value if value is None or value in LONG_RANGE else None


def is_id(text: str) -> bool:
    """Whether `to_id` takes it."""
    try:
        return to_id(text) > 0
    except ValueError:
        return False


def to_id(text: str) -> int:
    """A number that 64 bits hold, as cursors and states keep them. Raises ValueError for anything
    else.
    """
    value = int(text) if len(text) <= LONGEST_LONG else 0
    if not 0 < value < LONG_RANGE.stop:
        raise ValueError("is no id of 64 bits")
    return value


def to_double(raw: Raw) -> float | None:
    text = to_string(raw)
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is None or math.isfinite(value) else None


def to_boolean(raw: Raw) -> bool | None:
    return {b"true": True, b"false": False}.get(bytes(raw))


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970, exact."""
    return (at - EPOCH) // MILLISECOND


CONVERTERS: dict[str, Callable[[Raw], Any]] = {
    "string": to_string,
    "json": to_json,
    "timestamp": to_timestamp,
    "date": to_date,
    "long": to_long,
    "double": to_double,
    "boolean": to_boolean,
}
