"""The order of keys: that of their columns, one after the other, rows without a value last."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

Key: TypeAlias = tuple[Any, ...]
"""A key that compares with others of the same columns."""
_LAST = (1,)


def key_tuples(rows: pa.RecordBatch | pa.Table, keys: Sequence[str]) -> list[Key]:
    """The rows' keys."""
    columns = [
        [_LAST if value is None else (0, value) for value in rows.column(key).to_pylist()]
        for key in keys
    ]
    return list(zip(*columns, strict=True))


def key_at(rows: pa.RecordBatch | pa.Table, keys: Sequence[str], index: int) -> Key:
    """The key of one row."""
    return key_tuples(rows.slice(index, 1), keys)[0]


def rows_below(rows: pa.RecordBatch, keys: Sequence[str], cut: Key | None) -> int:
    """How many of the sorted rows have a key below the cut; all where there is none."""
    if cut is None:
        return int(rows.num_rows)
    return bisect_left(range(rows.num_rows), cut, key=lambda index: key_at(rows, keys, index))


def descents(rows: pa.RecordBatch, keys: Sequence[str]) -> int:
    """How often a key is below the one before."""
    count = rows.num_rows - 1
    if count < 1:
        return 0
    below, level = pa.scalar(False), pa.scalar(True)
    for key in keys:
        earlier, later = rows.column(key).slice(0, count), rows.column(key).slice(1)
        below = pc.or_(below, pc.and_(level, pc.fill_null(pc.less(later, earlier), True)))
        level = pc.and_(level, pc.fill_null(pc.equal(later, earlier), False))
    return int(pc.sum(below).as_py() or 0)
