"""Sorts rows by key through the disk: one file of blocks, given back one key range at a time."""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inlet_worker.memory import trim
from inlet_worker.staging.key_order import Key, key_tuples

RANGE_BYTES = 16 * 1024 * 1024
"""Arrow bytes that are sorted at once. More rows than that go through the disk, by key range."""
HELD_BYTES = 2 * RANGE_BYTES
"""Arrow bytes of all ranges that are held before they are written."""
ROW_GROUP_BYTES = 8 * 1024 * 1024
"""Arrow bytes of a row group at most, if its rows are of about one size."""


class KeyRanges:
    """Takes rows in any order and gives them back sorted by key. `sample` has the key columns of
    some of the rows, from which ranges are cut. Used as a context.
    """

    def __init__(self, keys: Sequence[str], sample: pa.Table, estimated_bytes: int) -> None:
        self._keys = keys
        self._cuts = _cuts(key_tuples(sample, keys), -(-estimated_bytes // RANGE_BYTES))
        self._held: dict[int, list[pa.RecordBatch]] = defaultdict(list)
        self._held_bytes = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._path = ""
        self._file: Any = None
        self._blocks: dict[int, list[int]] = defaultdict(list)
        self._written = 0

    def __enter__(self) -> KeyRanges:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows."""
        if not batch.num_rows:
            return
        for number, rows in self._by_range(batch):
            self._held[number].append(rows)
        self._held_bytes += batch.nbytes
        if self._cuts and self._held_bytes >= HELD_BYTES:
            self._spill()

    def sorted(self) -> Iterator[pa.Table]:
        """All rows, sorted, in row groups. One range is in memory at a time, and a row group or two
        of it besides.
        """
        if self._file is None:
            for number in sorted(self._held):
                yield from self._sorted(self._held.pop(number))
            return

        self._spill()
        self._close()
        with pa.OSFile(self._path) as file, pa.ipc.open_file(file) as reader:
            for number in sorted(self._blocks):
                yield from self._sorted([reader.get_batch(at) for at in self._blocks[number]])
                trim()

    def _by_range(self, batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
        if not self._cuts:
            yield 0, batch
            return
        numbers = pa.array(
            [bisect_right(self._cuts, key) for key in key_tuples(batch, self._keys)], pa.int32()
        )
        counted = pc.value_counts(numbers)
        if len(counted) > 1:
            order = pc.sort_indices(numbers)
            batch, counted = batch.take(order), pc.value_counts(numbers.take(order))

        start = 0
        for number, count in (tuple(range_.values()) for range_ in counted.to_pylist()):
            yield number, batch.slice(start, count)
            start += count

    def _sorted(self, batches: list[pa.RecordBatch]) -> Iterator[pa.Table]:
        # One chunk a column: from many, each row group would be taken by copying them all.
        rows = pa.Table.from_batches(batches).combine_chunks()
        batches.clear()
        order = pc.sort_indices(rows, sort_keys=[(key, "ascending") for key in self._keys])
        step = rows_of_a_group(rows)
        for start in range(0, rows.num_rows, step):
            yield rows.take(order.slice(start, step))

    def _spill(self) -> None:
        for number, batches in sorted(self._held.items()):
            (block,) = pa.Table.from_batches(batches).combine_chunks().to_batches()
            batches.clear()
            self._opened(block.schema).write_batch(block)
            self._blocks[number].append(self._written)
            self._written += 1
        self._held.clear()
        self._held_bytes = 0

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None  # the writer holds its file open as long as it is there

    def _opened(self, schema: pa.Schema) -> Any:
        if self._file is None:
            self._folder = tempfile.TemporaryDirectory(prefix="inlet-merge-")
            self._path = str(Path(self._folder.name) / "ranges.arrow")
            options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
            self._file = pa.ipc.new_file(self._path, schema, options=options)
        return self._file


def row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows in the order that they have, in row groups."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        step = rows_of_a_group(batch)
        for start in range(0, batch.num_rows, step):
            part = batch.slice(start, step)
            if held and size + part.nbytes > ROW_GROUP_BYTES:
                yield pa.Table.from_batches(held)
                held, size = [], 0
            held.append(part)
            size += part.nbytes
    if held:
        yield pa.Table.from_batches(held)


def rows_of_a_group(rows: pa.Table | pa.RecordBatch) -> int:
    """How many rows a row group of them has."""
    groups = max(1, -(-rows.nbytes // ROW_GROUP_BYTES))
    return max(1, -(-int(rows.num_rows) // int(groups)))


def _cuts(sample: list[Key], ranges: int) -> list[Key]:
    if ranges <= 1 or not sample:
        return []
    ordered = sorted(sample)
    return sorted({ordered[len(ordered) * n // ranges] for n in range(1, ranges)})
