"""Rows that a source hands over as columns, so that no row is ever an object of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, overload

from inlet_sdk.ports.column_values import date_of, instant_of
from inlet_sdk.ports.source_endpoint import UNFIT

RAW = "_raw"
Cells = list[Any]
"""One column's values, in the order of the rows; None where a row has none."""


@dataclass(frozen=True)
class ColumnarRows(Sequence[Mapping[str, Any]]):
    """Also the rows themselves, made when they are asked for: equal to those of a source that makes
    each by itself.

    types: the column type by name, for every column but `_raw` and `_unfit`.
    columns: cells by name, as many in each. Those of a string or json column, and of `_raw`, are
        str, or bytes that are UTF-8; of a timestamp, text that `instant_of` takes and Arrow casts
        to the same instant; of a date, text `YYYY-MM-DD` of a day there is; of a long, a double
        and a boolean, int of 64 bits, float and bool; of `_unfit`, mappings.
    size: about how many bytes the records have.
    """

    types: Mapping[str, str]
    columns: Mapping[str, Cells]
    size: int

    @classmethod
    def of(
        cls,
        types: Mapping[str, str],
        columns: Mapping[str, Cells],
        size: int,
        rows: Mapping[int, Mapping[str, Any] | None],
    ) -> ColumnarRows:
        """The columns, with `rows` in the places of some of theirs; None leaves one out."""
        count = len(columns[RAW])
        cells = {**columns, UNFIT: [None] * count}
        for at, row in rows.items():
            for name, values in cells.items():
                values[at] = _cell((row or {}).get(name))

        gone = {at for at, row in rows.items() if row is None}
        if gone:
            kept = [at for at in range(count) if at not in gone]
            cells = {name: [values[at] for at in kept] for name, values in cells.items()}
        return cls(types, cells, size)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[n] for n in range(*index.indices(len(self)))]
        found = {name: cells[index] for name, cells in self.columns.items()}
        return {
            name: _value(self.types.get(name, "string"), cell)
            for name, cell in found.items()
            if cell is not None
        }

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return (self[index] for index in range(len(self)))

    def only(self, names: Iterable[str]) -> list[Mapping[str, Any]]:
        """The rows with those of their columns alone."""
        kept = {name: self.columns[name] for name in names if name in self.columns}
        return list(replace(self, columns=kept))

    def renamed(self, names: Mapping[str, str]) -> ColumnarRows:
        """With other names for some columns."""
        told = [texts and _renamed(texts, names) for texts in self.columns[UNFIT]]
        columns = {**_renamed(self.columns, names), UNFIT: told}
        return replace(self, types=_renamed(self.types, names), columns=columns)


def _renamed(by_name: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in by_name.items()}


def _value(type_: str, cell: Any) -> Any:
    if isinstance(cell, bytes):
        return cell.decode()
    if type_ == "timestamp":
        return instant_of(cell)
    return date_of(cell) if type_ == "date" else cell


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
