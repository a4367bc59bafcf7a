"""Columns out of many records at once, by a decoder made of the columns' types. `ColumnReader` says
what a column's value is; this is its fast form, which equals it on a record or declines the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Raw

from inlet_sdk.http.columns import Column, Long
from inlet_sdk.http.exact_values import CONVERTERS
from inlet_sdk.http.json_record import Members
from inlet_sdk.ports.columnar_rows import Cells

_NULL = Raw(b"null")
_NULL_TEXT = b"null"
# What a member must be so that its value is the column's without a look at its text. The text of a
# double says whether it is exact, so it is not among them.
_PLAIN: dict[str, Any] = {
    "string": str | None,
    "timestamp": str | None,
    "date": str | None,
    "long": Long | None,
    "boolean": bool | None,
}
_LEARNT = ("string", "long")
"""Types that also take values of other kinds than their own."""
# Part of what `instant_of` and `date_of` take: not the first and last years, which an offset leads
# out of, and not the forms that Arrow does not read as they do.
_TEXTS: dict[str, tuple[str, pa.DataType]] = {
    "timestamp": (
        r"^[1-8]\d{3}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)$",
        pa.timestamp("us", tz="UTC"),
    ),
    "date": (r"^[1-8]\d{3}-\d\d-\d\d$", pa.date32()),
}

_members: msgspec.json.Decoder[Members] = msgspec.json.Decoder(Members)


@dataclass(frozen=True)
class _Level:
    """Columns of one object of a record; `get` takes it out of the record, `empty` is one without
    members.
    """

    get: Callable[[Any], Any]
    leaves: list[tuple[str, Callable[[Any], Any]]]
    empty: Any = None

    def read(self, records: Iterable[Any]) -> Iterable[tuple[str, Cells]]:
        objects = [self.get(record) or self.empty for record in records]
        return ((name, list(map(get, objects))) for name, get in self.leaves)


class TypedColumns:
    """Reads a fixed set of columns. It learns which of them hold values of other kinds than their
    type's at this site, and looks at their text from then on. Not thread-safe.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.types: Mapping[str, str] = {column.name: column.type for column in columns}
        self._columns = columns
        self._odd: set[str] = set()
        self._levels: list[_Level] = []
        self._empty: Any = None
        self._decoder: msgspec.json.Decoder[Any] | None = None
        self._prepare()

    def read(self, records: Sequence[Raw | None]) -> tuple[dict[str, Cells], list[int]]:
        """The cells of each column, and the places of declined records, whose cells are None. None
        is a record to decline. Texts must be UTF-8.
        """
        if self._decoder is None:
            nothing: dict[str, Cells] = {name: [None] * len(records) for name in self.types}
            return nothing, list(range(len(records)))

        declined: set[int] = set()
        decoded = [self._decoded(at, record, declined) for at, record in enumerate(records)]
        found = {name: cells for level in self._levels for name, cells in level.read(decoded)}
        cells = {c.name: self._values(c, found[c.name], declined) for c in self._columns}
        for type_ in _TEXTS:
            texts = [cells[name] for name, of in self.types.items() if of == type_]
            _decline_odd_texts(type_, texts, declined)

        if declined:
            self._learn([records[at] for at in declined])
        for at in declined:
            for values in cells.values():
                values[at] = None
        return cells, sorted(declined)

    def _decoded(self, at: int, record: Raw | None, declined: set[int]) -> Any:
        if record is not None and self._decoder is not None:
            try:
                return self._decoder.decode(record)
            except (msgspec.DecodeError, ValueError, RecursionError):
                pass
        declined.add(at)
        return self._empty

    def _values(self, column: Column, cells: Cells, declined: set[int]) -> Cells:
        if self._is_plain(column):
            return cells
        if column.type == "json":
            return [None if text == _NULL_TEXT else text for text in map(bytes, cells)]
        return _converted(cells, CONVERTERS[column.type], declined)

    def _is_plain(self, column: Column) -> bool:
        return column.type in _PLAIN and column.name not in self._odd

    def _learn(self, records: Sequence[Raw | None]) -> None:
        known = len(self._odd)
        for record in records:
            if record is not None:
                with suppress(msgspec.DecodeError, ValueError, RecursionError):
                    self._odd.update(self._odd_in(_members.decode(record)))
        if len(self._odd) > known:
            self._prepare()

    def _odd_in(self, members: Members) -> Iterable[str]:
        for column in self._columns:
            parent, leaf = members, column.path[-1]
            if len(column.path) > 1:
                raw = members.get(column.path[0], _NULL)
                parent = _members.decode(raw) if bytes(memoryview(raw)[:1]) == b"{" else {}
            if column.type in _LEARNT and not _is_of(column.type, parent.get(leaf, _NULL)):
                yield column.name

    def _prepare(self) -> None:
        """The decoder, and how its records are read. None is made of names that no struct can have,
        nor of a member that is read in two ways.
        """
        try:
            self._levels, made = self._made()
        except ValueError:
            self._decoder = None
        else:
            self._decoder, self._empty = msgspec.json.Decoder(made), made()

    def _made(self) -> tuple[list[_Level], type[msgspec.Struct]]:
        flat = [column for column in self._columns if len(column.path) == 1]
        nested: dict[str, list[Column]] = {}
        for column in self._columns:
            if len(column.path) > 1:
                nested.setdefault(column.path[0], []).append(column)

        struct = _Members()
        levels = [_Level(_itself, struct.leaves(flat, self._kind))]
        for parent, columns in nested.items():
            inner = _Members()
            leaves = inner.leaves(columns, self._kind)
            type_ = inner.made()
            levels.append(_Level(struct.add(parent, type_ | None), leaves, type_()))
        return levels, struct.made()

    def _kind(self, column: Column) -> Any:
        return _PLAIN[column.type] if self._is_plain(column) else Raw


class _Members:
    """The members of a struct that is being made."""

    def __init__(self) -> None:
        self._kinds: dict[str, Any] = {}

    def leaves(
        self, columns: Sequence[Column], kind: Callable[[Column], Any]
    ) -> list[tuple[str, Callable[[Any], Any]]]:
        """The columns' names, and what takes each out of a struct."""
        return [(column.name, self.add(column.path[-1], kind(column))) for column in columns]

    def add(self, member: str, kind: Any) -> Callable[[Any], Any]:
        """Takes the member out of a struct. Raises ValueError for one that is read in two ways."""
        if self._kinds.setdefault(member, kind) != kind:
            raise ValueError(f"{member} is read in two ways")
        return attrgetter(f"m{list(self._kinds).index(member)}")

    def made(self) -> type[msgspec.Struct]:
        names = {f"m{at}": member for at, member in enumerate(self._kinds)}
        fields = [
            (name, self._kinds[member], _NULL if self._kinds[member] is Raw else None)
            for name, member in names.items()
        ]
        # They hold texts and numbers, so nothing to look for in cycles.
        return msgspec.defstruct("Members", fields, rename=names, gc=False)


def _itself(record: Any) -> Any:
    return record


def _is_of(type_: str, raw: Raw) -> bool:
    """Whether a value is of the kind that the type has a decoder for."""
    try:
        msgspec.json.decode(raw, type=_PLAIN[type_])
    except msgspec.ValidationError:
        return False
    return True


def _converted(cells: Cells, convert: Callable[[Raw], Any], declined: set[int]) -> Cells:
    values: Cells = [None] * len(cells)
    for at, raw in enumerate(cells):
        try:
            values[at] = convert(raw)
        except (ValueError, msgspec.DecodeError):
            declined.add(at)
    return values


def _decline_odd_texts(type_: str, columns: Sequence[Cells], declined: set[int]) -> None:
    """Texts that only a look at them in the general form can tell."""
    if _all_cast(type_, list(chain.from_iterable(columns))):
        return
    for cells in columns:
        for at, text in enumerate(cells):
            if text is not None and not _all_cast(type_, [text]):
                declined.add(at)


def _all_cast(type_: str, texts: Sequence[str | None]) -> bool:
    form, arrow_type = _TEXTS[type_]
    array = pa.array(texts, pa.string())
    if array.null_count == len(array):
        return True
    if not pc.all(pc.match_substring_regex(array, form)).as_py():
        return False
    try:
        array.cast(arrow_type)
    except pa.ArrowInvalid:
        return False
    return True
