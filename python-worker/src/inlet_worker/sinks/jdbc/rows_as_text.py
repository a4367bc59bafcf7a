"""Rows as the text that PostgreSQL's COPY and MySQL's LOAD DATA read alike: columns between tabs,
rows between line feeds, `\\N` for null, a backslash before what would be one of these.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_SPECIAL = ("\\", "\t", "\n", "\r")
_NULL = "\\N"


def rows_as_text(batch: pa.RecordBatch, *, boolean_digits: bool) -> memoryview:
    """All rows of a batch. Bytes are written as hexadecimal digits, booleans as `true` and `false`,
    or as digits.
    """
    columns = [_text(column, boolean_digits) for column in batch.columns]
    joined = pc.binary_join_element_wise(*columns, "\t") if len(columns) > 1 else columns[0]
    lines = pc.binary_join_element_wise(joined, "", "\n")

    # The array's one buffer is the text: nothing is copied.
    ends = memoryview(lines.buffers()[1]).cast("i")
    return memoryview(lines.buffers()[2])[ends[lines.offset] : ends[lines.offset + len(lines)]]


def _text(column: pa.Array, boolean_digits: bool) -> pa.Array:
    type_ = column.type
    if pa.types.is_string(type_):
        for special in _SPECIAL:
            column = pc.replace_substring(column, special, "\\" + special)
        return pc.fill_null(column, _NULL)
    if pa.types.is_binary(type_):
        digits = (None if value is None else value.hex() for value in column.to_pylist())
        return pc.fill_null(pa.array(digits, pa.string()), _NULL)

    if pa.types.is_boolean(type_) and boolean_digits:
        column = column.cast(pa.int8())
    if pa.types.is_timestamp(type_):
        column = column.cast(pa.timestamp("us"))  # UTC, which every connection is set to
    return pc.fill_null(column.cast(pa.string()), _NULL)
