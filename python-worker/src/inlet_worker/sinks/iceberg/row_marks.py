"""Marks rows by their position, one bit each: of a data file, or of what is staged."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


class RowMarks:
    """`rows` is how many there are, `count` how many are marked."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.count = 0
        self._bits = bytearray(-(-rows // 8))

    @classmethod
    def of_all(cls, rows: int) -> RowMarks:
        """All rows, marked."""
        marks = cls(rows)
        marks._bits = bytearray(b"\xff") * (-(-rows // 8))
        marks.count = rows
        return marks

    def add(self, positions: pa.Array | pa.ChunkedArray) -> None:
        """Mark the rows at these positions."""
        bits, added = self._bits, 0
        for position in positions.to_pylist():
            byte, bit = position >> 3, 1 << (position & 7)
            if not bits[byte] & bit:
                bits[byte] |= bit
                added += 1
        self.count += added

    def slice(self, start: int, rows: int) -> Any:
        """A boolean for each of these rows."""
        return self._array().slice(start, rows)

    def positions(self) -> pa.Array:
        """The positions of the marked rows, ascending."""
        return pc.indices_nonzero(self._array()).cast(pa.int64())

    def without(self, other: RowMarks) -> RowMarks:
        """The rows that are marked here and not there."""
        left = RowMarks(self.rows)
        own, gone = (int.from_bytes(bits, "little") for bits in (self._bits, other._bits))
        left._bits = bytearray((own & ~gone).to_bytes(len(self._bits), "little"))
        left.count = left._array().true_count
        return left

    def _array(self) -> Any:
        return pa.Array.from_buffers(pa.bool_(), self.rows, [None, pa.py_buffer(self._bits)])
