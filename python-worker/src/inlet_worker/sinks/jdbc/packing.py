"""Fields beyond what a row has room for: their values stand in one column, `_inlet_more`, as a JSON
object by the field's name. Nulls are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pyarrow as pa

from inlet_worker.sinks.jdbc.columns import Column
from inlet_worker.sinks.jdbc.values import Kind, landed_array

_AS_TEXT = ("timestamp", "date")


def packed(columns: Sequence[Column], arrays: Sequence[pa.Array]) -> pa.Array:
    """The column, of those of the packed fields."""
    names = [column.name for column in columns]
    values = [_json_values(c.kind, array) for c, array in zip(columns, arrays, strict=True)]
    objects = (
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*values, strict=True)
    )
    return pa.array((orjson.dumps(one).decode() for one in objects), pa.string())


def unpacked(columns: Sequence[Column], texts: Sequence[str | None]) -> Iterator[pa.Array]:
    """The packed fields, of the column's values."""
    objects = [orjson.loads(text) if text else {} for text in texts]
    for column in columns:
        values: list[Any] = [one.get(column.name) for one in objects]
        if column.kind == "text":
            yield pa.array(values, pa.string())
        elif column.kind == "double":
            yield pa.array((None if v is None else float(v) for v in values), pa.float64())
        else:
            yield landed_array(column.kind, values)


def _json_values(kind: Kind, array: pa.Array) -> list[Any]:
    if kind in _AS_TEXT:
        naive = array.cast(pa.timestamp("us")) if kind == "timestamp" else array
        array = naive.cast(pa.string())
    elif kind == "double":
        # JSON has no NaN and no infinities: as text, which a number is not.
        found: list[Any] = [v if v is None or v - v == 0 else str(v) for v in array.to_pylist()]
        return found
    values: list[Any] = array.to_pylist()
    return values
