"""Rows of records that land as they are served: many at once, and by itself each one that cannot be
made so. `make_rows` says what they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Raw

from inlet_sdk.http.columns import Column, ColumnReader
from inlet_sdk.http.json_record import Record
from inlet_sdk.http.typed_columns import TypedColumns
from inlet_sdk.ports.columnar_rows import RAW, Cells, ColumnarRows
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row
from inlet_sdk.units.batches import make_rows, row_maker

_CERTAIN_ID = "^[1-9][0-9]{0,17}$"
"""Part of what `is_id` takes: numbers that are of 64 bits whatever they are."""
NO_PARENT: Mapping[str, Any] = {}


class RecordRows:
    """`columns`, `key` and `numbers` as of `row_maker`. of_parent: columns that a record does not
    tell. Learns how a site writes its values: one for each reading. Not thread-safe.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        key: str,
        numbers: Sequence[str] = (),
        of_parent: Sequence[Column] = (),
    ) -> None:
        self._typed = TypedColumns(columns)
        self._make = row_maker(ColumnReader(columns), key, numbers)
        self._key = key
        self._numbers = numbers
        self._parents = [column.name for column in of_parent]
        self._types = {**self._typed.types, **{one.name: one.type for one in of_parent}}

    def rows(
        self, records: Sequence[Record], parents: Sequence[Mapping[str, Any]] | None = None
    ) -> tuple[Sequence[Row], list[QuarantinedRecord]]:
        """The rows, and the records that cannot be one. `parents`: of each record, what it does not
        tell.
        """
        texts = [_text_of(record) for record in records]
        plain = [
            None if text is None else _raw(record)
            for record, text in zip(records, texts, strict=True)
        ]
        cells, declined = self._typed.read(plain)
        of_parents = parents or [NO_PARENT] * len(records)
        told: dict[str, Cells] = {
            name: [parent.get(name) for parent in of_parents] for name in self._parents
        }

        others: dict[int, Row | None] = {}
        bad: list[QuarantinedRecord] = []
        for at in sorted({*declined, *self._doubtful(cells)}):
            extra = dict(of_parents[at]) or None
            made, odd = make_rows([records[at]], self._make, extra, key=self._key)
            others[at] = made[0] if made else None
            bad += odd

        size = sum(len(text) for text in texts if text)
        return ColumnarRows.of(self._types, {**cells, **told, RAW: texts}, size, others), bad

    def _doubtful(self, cells: Mapping[str, Cells]) -> set[int]:
        """Places of records without their key, or with a number that may be none."""
        found = {at for at, value in enumerate(cells[self._key]) if not value}
        for name in self._numbers:
            fits = pc.match_substring_regex(pa.array(cells[name], pa.string()), _CERTAIN_ID)
            if not pc.all(fits, skip_nulls=True, min_count=0).as_py():
                found.update(at for at, fit in enumerate(fits.to_pylist()) if fit is False)
        return found


def _text_of(record: Record) -> str | None:
    """None where the record is not what the vendor sent, or no text."""
    if record.deep or record.json is not record.original:
        return None
    try:
        return record.text()
    except UnicodeDecodeError:
        return None


def _raw(record: Record) -> Raw:
    return record.json if isinstance(record.json, Raw) else Raw(record.json)
