from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inlet_sdk.testing.contract_sink import a_commit
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.iceberg import key_ranges
from inlet_worker.sinks.iceberg.file_batches import LandedFile

from .landing import land
from .test_iceberg import open_sink


@pytest.fixture
def read_groups(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The row groups whose keys are looked at."""
    read: list[int] = []
    slices = LandedFile.slices

    def counted(self: LandedFile, columns: list[str], groups: list[int]) -> object:
        read.extend(groups)
        return slices(self, columns, groups)

    monkeypatch.setattr(key_ranges, "ROW_GROUP_BYTES", 4_000)
    monkeypatch.setattr(LandedFile, "slices", counted)
    yield read


def test_only_row_groups_that_may_hold_a_staged_key_are_read(
    tmp_path: Path, read_groups: list[int]
) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(n) for n in range(1_000, 2_000)], a_commit("r1", mode="FULL"))
    read_groups.clear()
    # Far beyond all, between two keys, and a key.
    land(sink, [a_row(9_999), a_row(1, id="1500x")], a_commit("r2"))
    beyond = len(read_groups)
    receipt = land(sink, [a_row(1_700)], a_commit("r3"))
    assert beyond == 1 and read_groups[1:] and len(set(read_groups)) <= 3
    assert receipt.unchanged == 1
