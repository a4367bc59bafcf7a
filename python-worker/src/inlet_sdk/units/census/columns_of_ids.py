"""Ids and times of a whole table as columns: a dict of a million of them takes a hundred megabytes,
these take sixteen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

BLOCK = 65_536
"""Ids that are looked up together: a hash of all the others would take more than they do."""


def numbers(column: pa.Array) -> Sequence[int]:
    """An int64 column without nulls, where it lies."""
    data = column.buffers()[1]
    if data is None or not len(column):
        return ()
    there: Sequence[int] = memoryview(data).cast("q")[column.offset : column.offset + len(column)]
    return there


def ascends(ids: pa.ChunkedArray | pa.Array) -> bool:
    """Whether each id is higher than the one before."""
    return len(ids) < 2 or bool(
        pc.all(pc.greater(ids.slice(1), ids.slice(0, len(ids) - 1))).as_py()
    )


def among(ids: pa.Array, others: pa.Array) -> pa.Array:
    """Which of the ids (int64) are among the others. Both ascend."""
    sought = numbers(others)
    parts = [pa.array([], pa.bool_())]
    for start in range(0, len(ids), BLOCK):
        block = ids.slice(start, BLOCK)
        low = bisect_left(sought, block[0].as_py())
        high = bisect_right(sought, block[-1].as_py())
        parts.append(pc.is_in(block, others.slice(low, high - low)))
    return pa.concat_arrays(parts)


def not_among(ids: pa.Array, others: pa.Array) -> pa.Array:
    """Those of the ids that are not among the others. Both ascend."""
    return ids.filter(pc.invert(among(ids, others)))


def with_all(ids: pa.Array, others: pa.Array) -> pa.Array:
    """Ascending ids, with those of the others, which ascend too, that are not among them."""
    more = not_among(others, ids)
    if not len(more):
        return ids
    both = pa.concat_arrays([ids, more])
    return both.take(pc.sort_indices(both))


@dataclass(frozen=True)
class Times(Mapping[int, int]):
    """Times of change (epoch ms) by id. `ids` ascend, and `at` are theirs."""

    ids: Sequence[int]
    at: Sequence[int]

    @classmethod
    def of(cls, ids: pa.Array, at: pa.Array) -> Times:
        """Of those ids that have a time."""
        if at.null_count:
            timed = at.is_valid()
            ids, at = ids.filter(timed), at.filter(timed)
        return cls(numbers(ids), numbers(at))

    def place(self, record: int) -> int | None:
        """Where the id is among all; None where it is not."""
        place = bisect_left(self.ids, record)
        return place if place < len(self.ids) and self.ids[place] == record else None

    def __getitem__(self, record: int) -> int:
        place = self.place(record)
        if place is None:
            raise KeyError(record)
        return self.at[place]

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)
