"""Sorts staged keys through the disk: sorted runs of bounded size in one file, given back range by
range with the newest version of each key.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from inlet_worker.staging.key_order import Key, key_at, rows_below

RUN_BYTES = 8 * 1024 * 1024
"""Bytes of keys in memory before they are written as a sorted run; also those of a range."""
BLOCK_BYTES = 128 * 1024


@dataclass(frozen=True)
class _Block:
    """A part of a run, as batch `number` of the file."""

    first: Key
    last: Key
    number: int


class KeyRuns:
    """Takes rows of the key columns, `key` (as text), `order` and `ordinal`; to be closed."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._held: list[pa.RecordBatch] = []
        self._held_bytes = 0
        self._runs: list[list[_Block]] = []
        self._blocks = 0
        self._folder = tempfile.TemporaryDirectory(prefix="inlet-keys-")
        self._path = str(Path(self._folder.name) / "keys.arrow")
        self._file: Any = None

    def close(self) -> None:
        """Forget everything."""
        self._close_file()
        self._folder.cleanup()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows."""
        self._held.append(batch)
        self._held_bytes += batch.nbytes
        if self._held_bytes >= RUN_BYTES:
            self._spill()

    def ranges(self) -> Iterator[pa.RecordBatch]:
        """The newest row of each key, sorted by key. Equal keys are in one range; ranges ascend."""
        if not self._runs:
            if self._held:
                yield self._newest(self._held)
            return

        self._spill()
        self._close_file()
        starts = [0] * len(self._runs)
        with pa.OSFile(self._path) as file, pa.ipc.open_file(file) as reader:
            for low, high in pairwise([None, *self._cuts(), None]):
                parts = [
                    part
                    for run, blocks in enumerate(self._runs)
                    for part in self._parts(reader, blocks, starts, run, low, high)
                ]
                if parts:
                    yield self._newest(parts)

    def _parts(
        self,
        reader: Any,
        blocks: Sequence[_Block],
        starts: list[int],
        run: int,
        low: Key | None,
        high: Key | None,
    ) -> Iterator[pa.RecordBatch]:
        """A run's rows from `low` to below `high`. `starts` is where each run goes on."""
        at = starts[run]
        while at < len(blocks) and (high is None or blocks[at].first < high):
            rows = reader.get_batch(blocks[at].number)
            begin = 0 if low is None else rows_below(rows, self._keys, low)
            end = rows_below(rows, self._keys, high)
            if end > begin:
                yield rows.slice(begin, end - begin)
            if high is not None and not blocks[at].last < high:
                break
            at += 1
        starts[run] = at

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None  # the writer holds its file open as long as it is there

    def _cuts(self) -> list[Key]:
        blocks = [block for run in self._runs for block in run]
        ends = sorted(end for block in blocks for end in (block.first, block.last))
        step = max(1, 2 * RUN_BYTES // BLOCK_BYTES)
        return sorted(set(ends[step::step]))

    def _spill(self) -> None:
        if not self._held:
            return
        rows = self._newest(self._held)
        step = max(1, BLOCK_BYTES * rows.num_rows // max(1, rows.nbytes))
        self._held, self._held_bytes = [], 0

        if self._file is None:
            options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
            self._file = pa.ipc.new_file(self._path, rows.schema, options=options)
        self._runs.append([])
        for start in range(0, rows.num_rows, step):
            batch = rows.slice(start, step)
            ends = [key_at(batch, self._keys, at) for at in (0, batch.num_rows - 1)]
            self._runs[-1].append(_Block(ends[0], ends[1], self._blocks))
            self._blocks += 1
            self._file.write_batch(batch)

    def _newest(self, batches: list[pa.RecordBatch]) -> pa.RecordBatch:
        rows = pa.concat_batches(batches)
        order = [*self._keys, "key", "order", "ordinal"]
        rows = rows.take(pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in order]))
        key = rows.column("key")
        last = pa.array([True])
        if len(key) > 1:
            last = pa.concat_arrays([pc.not_equal(key.slice(0, len(key) - 1), key.slice(1)), last])
        return rows if last.true_count == len(last) else rows.filter(last)
