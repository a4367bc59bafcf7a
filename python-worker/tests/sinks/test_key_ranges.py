"""What is sorted and written takes the same memory for any number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_worker.sinks.iceberg import key_ranges
from inlet_worker.sinks.iceberg.key_ranges import KeyRanges

ROW_BYTES = 1_000
RANGE_BYTES = 200_000
ROW_GROUP_BYTES = 50_000
_pools: list[pa.MemoryPool] = []  # a pool must outlive the last buffer of it


@pytest.fixture(autouse=True)
def small_ranges() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_ranges, "RANGE_BYTES", RANGE_BYTES)
        patch.setattr(key_ranges, "HELD_BYTES", RANGE_BYTES)
        patch.setattr(key_ranges, "ROW_GROUP_BYTES", ROW_GROUP_BYTES)
        yield


def batches(rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows, 50):
        ids = [f"{n * 7919 % rows:06}" for n in range(start, min(start + 50, rows))]
        raw = [id_ * (ROW_BYTES // 6) for id_ in ids]
        yield pa.record_batch({"id": pa.array(ids), "_raw": pa.array(raw)})


def sample(rows: int) -> pa.Table:
    return pa.table({"id": [f"{n:06}" for n in range(rows)]})


@contextmanager
def counted_memory() -> Iterator[pa.MemoryPool]:
    before = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(before)
    _pools.append(pool)
    pa.set_memory_pool(pool)
    try:
        yield pool
    finally:
        pa.set_memory_pool(before)


def peak_bytes(rows: int) -> int:
    keys = sample(rows)
    with counted_memory() as pool:
        with KeyRanges(["id"], keys, rows * ROW_BYTES) as ranges:
            for batch in batches(rows):
                ranges.add(batch)
            assert sum(group.num_rows for group in ranges.sorted()) == rows
        return pool.max_memory()


def test_four_times_the_rows_take_no_more_memory() -> None:
    few, many = peak_bytes(1_500), peak_bytes(6_000)
    assert many < 1.2 * few
    assert many < 4 * RANGE_BYTES < 6_000 * ROW_BYTES / 4


def test_one_file_is_open_however_many_ranges_there_are() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with KeyRanges(["id"], sample(6_000), 6_000 * ROW_BYTES) as ranges:
        for batch in batches(6_000):
            ranges.add(batch)
        spilling = len(list(Path("/proc/self/fd").iterdir())) - before
        groups = ranges.sorted()
        rows = next(groups).num_rows
        reading = len(list(Path("/proc/self/fd").iterdir())) - before
        rows += sum(group.num_rows for group in groups)
    assert (spilling, reading, rows) == (1, 1, 6_000)


def test_keys_whose_first_column_is_always_the_same_are_cut_by_the_next() -> None:
    def rows(start: int, count: int) -> dict[str, pa.Array]:
        ids = [n * 7919 % 6_000 for n in range(start, start + count)]
        return {"project": pa.array(["p"] * count), "id": pa.array(ids)}

    with KeyRanges(["project", "id"], pa.table(rows(0, 600)), 6_000 * ROW_BYTES) as ranges:
        for start in range(0, 6_000, 50):
            raw = pa.array(["x" * ROW_BYTES] * 50)
            ranges.add(pa.record_batch({**rows(start, 50), "_raw": raw}))
        groups = list(ranges.sorted())
    assert [n for group in groups for n in group.column("id").to_pylist()] == list(range(6_000))
    assert len(groups) >= 6_000 * ROW_BYTES // RANGE_BYTES


def test_rows_without_a_key_are_not_lost_among_the_ranges() -> None:
    keys = pa.array([None if n % 3 else f"{n:06}" for n in range(300)], pa.string())
    with KeyRanges(["id"], pa.table({"id": keys}), 5 * RANGE_BYTES) as ranges:
        ranges.add(pa.record_batch({"id": keys, "n": pa.array(range(300))}))
        groups = list(ranges.sorted())
    assert sorted(n for group in groups for n in group.column("n").to_pylist()) == list(range(300))


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 700), estimated_rows=st.integers(0, 2_000))
def test_all_rows_come_back_in_order_in_row_groups(rows: int, estimated_rows: int) -> None:
    with KeyRanges(["id"], sample(rows), estimated_rows * ROW_BYTES) as ranges:
        for batch in batches(rows):
            ranges.add(batch)
        groups = list(ranges.sorted())
    ids = [id_ for group in groups for id_ in group.column("id").to_pylist()]
    assert ids == sorted(id_ for batch in batches(rows) for id_ in batch.column("id").to_pylist())
    assert all(0 < group.nbytes <= 1.1 * ROW_GROUP_BYTES for group in groups)
