"""The ways in which a merge changes landed files, driven to both extremes, and sizes so small that
a few rows are many ranges, row groups, files and manifests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from inlet_worker.sinks.iceberg import (
    data_files,
    file_batches,
    file_changes,
    key_ranges,
    landed_matches,
    merge_plan,
    position_deletes,
    row_delta,
    written_rows,
)
from inlet_worker.staging import key_runs

WAYS = {
    "deletes": {"REWRITE_SHARE": 2.0, "DEAD_SHARE": 2.0, "SMALL_BYTES": -1},
    "rewrites": {"REWRITE_SHARE": 0.0},
    "both": {"REWRITE_SHARE": 0.5, "DEAD_SHARE": 0.5, "SMALL_BYTES": -1},
}


@contextmanager
def merging_by(way: str) -> Iterator[None]:
    """Merges change files in this way."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in WAYS[way].items():
            patch.setattr(file_changes, name, value)
        yield


@contextmanager
def tiny_sizes() -> Iterator[None]:
    """What takes megabytes takes a few rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_runs, "RUN_BYTES", 250)
        patch.setattr(key_runs, "BLOCK_BYTES", 80)
        patch.setattr(landed_matches, "PROBE_ROWS", 4)
        patch.setattr(file_batches, "BATCH_ROWS", 3)
        patch.setattr(file_batches, "GROUPS_AT_ONCE", 2)
        patch.setattr(key_ranges, "RANGE_BYTES", 500)
        patch.setattr(written_rows, "RANGE_BYTES", 500)
        patch.setattr(written_rows, "ORDERED_BYTES", 1_500)
        patch.setattr(key_ranges, "HELD_BYTES", 700)
        patch.setattr(key_ranges, "ROW_GROUP_BYTES", 300)
        patch.setattr(merge_plan, "SAMPLED", 2)
        patch.setattr(written_rows, "SAMPLED", 2)
        patch.setattr(position_deletes, "KEPT_FILES", 2)
        patch.setattr(row_delta, "KEPT_MANIFESTS", 3)
        yield


@contextmanager
def tiny_files() -> Iterator[None]:
    """A few rows fill a data file, so that upkeep has none to put together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_files, "FILE_BYTES", 2_500)
        yield
