"""Which data files, and which of their row groups, may hold a staged key: by the bounds of the key
columns.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.conversions import from_bytes
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema
from pyiceberg.types import PrimitiveType

from inlet_worker.sinks.iceberg.file_batches import LandedFile


@dataclass(frozen=True)
class KeyBounds:
    """Of a range of staged keys: the values of the first key column, sorted, and the lowest and the
    highest of each.
    """

    keys: Sequence[str]
    firsts: list[Any]
    ends: list[tuple[Any, Any]]

    @classmethod
    def of(cls, range_: pa.RecordBatch, keys: Sequence[str]) -> KeyBounds:
        """The bounds of a range that is sorted by its keys."""
        columns = [_plain(range_.column(key)) for key in keys]
        ends = [pc.min_max(column).as_py() for column in columns]
        return cls(
            keys, columns[0].drop_null().to_pylist(), [(end["min"], end["max"]) for end in ends]
        )

    def may_be_in_file(self, file: DataFile, schema: Schema) -> bool:
        """Whether the bounds of a data file enclose a key of the range."""
        return self._may_be_within(_file_ends(file, schema, key) for key in self.keys)

    def groups(self, file: LandedFile) -> list[int]:
        """The row groups whose bounds enclose a key of the range."""
        return [
            group
            for group in file.groups
            if self._may_be_within(_group_ends(file, group, key) for key in self.keys)
        ]

    def _may_be_within(self, bounds: Iterator[tuple[Any, Any] | None]) -> bool:
        for number, ((lowest, highest), end) in enumerate(zip(self.ends, bounds, strict=True)):
            if end is None or lowest is None:
                continue
            low, high = end
            if high < lowest or low > highest:
                return False
            if number == 0 and not self._has_first_between(low, high):
                return False
        return True

    def _has_first_between(self, low: Any, high: Any) -> bool:
        at = bisect_left(self.firsts, low)
        return at < len(self.firsts) and self.firsts[at] <= high


def _file_ends(file: DataFile, schema: Schema, key: str) -> tuple[Any, Any] | None:
    field = schema.find_field(key)
    bounds = [(ends or {}).get(field.field_id) for ends in (file.lower_bounds, file.upper_bounds)]
    if bounds[0] is None or bounds[1] is None:
        return None
    type_ = cast(PrimitiveType, field.field_type)
    return from_bytes(type_, bounds[0]), from_bytes(type_, bounds[1])


def _group_ends(file: LandedFile, group: int, key: str) -> tuple[Any, Any] | None:
    bounds = file.bounds(group, key)
    if bounds is None:
        return None
    low, high = _plain(bounds).to_pylist()
    return low, high


def _plain(column: Any) -> Any:
    """Times and dates as the numbers that a data file's bounds are."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", tz=column.type.tz)).cast(pa.int64())
    if pa.types.is_date(column.type):
        return column.cast(pa.int32())
    return column
