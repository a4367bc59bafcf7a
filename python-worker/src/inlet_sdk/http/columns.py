"""Typed columns out of a vendor's record. A value that does not fit its column is no value of the
column, and is kept as it came: nothing is lost without a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Raw

from inlet_sdk.http.exact_values import CONVERTERS
from inlet_sdk.http.json_record import Members
from inlet_sdk.ports.column_values import LONG_RANGE, Unfit
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.source_endpoint import UNFIT

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
Long = Annotated[int, msgspec.Meta(ge=LONG_RANGE.start, le=LONG_RANGE.stop - 1)]
"""Of a vendor's answer, where cursors and states keep it: as numbers that 64 bits hold."""

_ID = re.compile("[1-9][0-9]{0,18}")
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


Leaf = tuple[str, str, Callable[[Raw], Any]]
"""Name of the column, of the member, and how its value is made."""


class ColumnReader:
    """Reads a fixed set of columns. Nested objects are parsed once, whatever the number of columns
    that look inside.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._flat: list[Leaf] = []
        self._nested: dict[str, list[Leaf]] = {}
        for c in columns:
            into = self._flat if len(c.path) == 1 else self._nested.setdefault(c.path[0], [])
            into.append((c.name, c.path[-1], CONVERTERS[c.type]))

    def read(self, members: Members) -> dict[str, Any]:
        """The row of a record's members; columns without a value are left out. `_unfit` is there
        where a value did not fit its column.
        """
        row: dict[str, Any] = {}
        unfit: dict[str, str] = {}
        _read(self._flat, members, row, unfit)

        for parent, leaves in self._nested.items():
            raw = members.get(parent)
            if raw is None or (begin := bytes(memoryview(raw)[:1])) == b"n":
                continue
            if begin == b"{":
                _read(leaves, _members.decode(raw), row, unfit)
            else:
                unfit.update((name, bytes(raw).decode()) for name, _, _ in leaves)

        if unfit:
            row[UNFIT] = unfit
        return row


def _read(
    leaves: Sequence[Leaf], members: Members, row: dict[str, Any], unfit: dict[str, str]
) -> None:
    for name, member, convert in leaves:
        raw = members.get(member)
        if raw is None:
            continue
        try:
            value = convert(raw)
        except Unfit:
            unfit[name] = bytes(raw).decode()
            continue
        if value is not None:
            row[name] = value


def is_id(text: str) -> bool:
    """Whether `to_id` takes it."""
    try:
        return to_id(text) > 0
    except ValueError:
        return False


def to_id(text: str) -> int:
    """A number that 64 bits hold, as cursors and states keep them. Raises ValueError for anything
    else, also for another spelling of a number: two ids must not become one.
    """
    value = int(text) if _ID.fullmatch(text) else 0
    if not 0 < value < LONG_RANGE.stop:
        raise ValueError("is no id of 64 bits")
    return value


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970, exact."""
    return (at - EPOCH) // MILLISECOND
