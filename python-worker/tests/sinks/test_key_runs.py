"""Staged keys are sorted through the disk in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_worker.staging import key_runs
from inlet_worker.staging.key_runs import KeyRuns


@pytest.fixture(autouse=True)
def small_runs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_runs, "RUN_BYTES", 1_000)
        patch.setattr(key_runs, "BLOCK_BYTES", 200)
        yield


def batch(rows: list[tuple[int, str, int]], first: int) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "project": pa.array([project for project, _, _ in rows], pa.int64()),
            "name": pa.array([name for _, name, _ in rows], pa.string()),
            "key": pa.array([f"{project}/{name}" for project, name, _ in rows], pa.string()),
            "order": pa.array([str(order) for _, _, order in rows], pa.string()),
            "hash": pa.array(["h"] * len(rows), pa.string()),
            "ordinal": pa.array(range(first, first + len(rows)), pa.int64()),
        }
    )


ROWS = st.lists(st.tuples(st.integers(-2, 2), st.text("abc", max_size=2), st.integers(0, 3)))


@settings(max_examples=60, deadline=None)
@given(ROWS.filter(bool), st.integers(1, 7))
def test_the_newest_of_each_key_comes_back_in_ranges_that_ascend(
    rows: list[tuple[int, str, int]], size: int
) -> None:
    with closing(KeyRuns(["project", "name"])) as runs:
        for start in range(0, len(rows), size):
            runs.add(batch(rows[start : start + size], start))
        found: list[dict[str, Any]] = [row for part in runs.ranges() for row in part.to_pylist()]

    newest: dict[tuple[int, str], tuple[int, int]] = {}
    for ordinal, (project, name, order) in enumerate(rows):
        newest[project, name] = max(newest.get((project, name), (-1, -1)), (order, ordinal))
    keys = [(row["project"], row["name"]) for row in found]
    assert keys == sorted(newest)
    assert [row["ordinal"] for row in found] == [newest[key][1] for key in keys]


def test_ten_times_the_keys_are_more_ranges_and_hardly_larger_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_runs, "RUN_BYTES", 20_000)
    largest, ranges = {}, {}
    for rows in (2_000, 20_000):
        with closing(KeyRuns(["name"])) as runs:
            for start in range(0, rows, 100):
                numbers = [n * 7919 % rows for n in range(start, start + 100)]
                runs.add(batch([(0, f"{n:06}", 0) for n in numbers], start))
            parts = list(runs.ranges())
        assert sum(part.num_rows for part in parts) == rows
        largest[rows], ranges[rows] = max(part.nbytes for part in parts), len(parts)
    assert ranges[20_000] > 8 * ranges[2_000]
    assert largest[20_000] < 1.5 * largest[2_000]
