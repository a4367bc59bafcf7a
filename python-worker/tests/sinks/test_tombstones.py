from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_sdk.ports.sink_endpoint import CommitReceipt, SliceCommit
from inlet_sdk.testing.contract_sink import TARGET, a_commit, keys_of
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.iceberg.endpoint import IcebergSink

from .landing import land
from .test_iceberg import open_sink, table_of

DAY_MS = 86_400_000


def bury(
    sink: IcebergSink, ids: list[int], run: str, deletes: str = "soft", **policy: Any
) -> CommitReceipt:
    commit = replace(a_commit(run, deletes=deletes, **policy), operation="delete")
    return land(sink, [{"id": str(n), "_raw": "{}"} for n in ids], commit)


def rows(place: Path) -> dict[str, dict[str, Any]]:
    landed = table_of(place).scan().to_arrow().to_pylist()
    found = {row["id"]: row for row in landed}
    assert len(found) == len(landed)
    return found


def test_a_soft_tombstone_keeps_the_row_and_says_when(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(n) for n in range(4)], a_commit("r1"))
    before = rows(tmp_path)
    receipt = bury(sink, [1, 2, 9], "r2")
    assert (receipt.deleted, receipt.landed, receipt.deduplicated) == (2, 0, 0)
    after = rows(tmp_path)
    assert {key for key, row in after.items() if row["_deleted_at"]} == {"1", "2"}
    assert all({**after[key], "_deleted_at": None} == before[key] for key in before)
    assert sorted(keys_of(sink)) == ["0", "3"]


def test_a_second_tombstone_changes_nothing(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(1)], a_commit("r1"))
    bury(sink, [1], "r2")
    at = rows(tmp_path)["1"]["_deleted_at"]
    assert bury(sink, [1], "r3").deleted == 0 and rows(tmp_path)["1"]["_deleted_at"] == at


def test_a_hard_tombstone_removes_the_row(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(n) for n in range(3)], a_commit("r1"))
    assert bury(sink, [0, 2], "r2", "hard").deleted == 2
    assert list(rows(tmp_path)) == ["1"]


@pytest.mark.parametrize("updated", [1, 1_700_000_000_001, 1_800_000_000_000])
@pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
def test_a_key_that_reappears_lives_again(tmp_path: Path, updated: int, mode: str) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(1), a_row(2)], a_commit("r1"))
    bury(sink, [1], "r2")
    receipt = land(sink, [a_row(1, updated=updated), a_row(2)], a_commit("r3", mode=mode))
    assert (receipt.updated, receipt.deleted) == (1, 0)
    assert all(row["_deleted_at"] is None for row in rows(tmp_path).values())


def test_a_full_reading_that_lacks_rows_removes_none(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(n) for n in range(4)], a_commit("r1"))
    receipt = land(sink, [a_row(1)], a_commit("r2", mode="FULL"))
    assert receipt.deleted == 0 and sorted(rows(tmp_path)) == ["0", "1", "2", "3"]


STEP = st.tuples(st.booleans(), st.lists(st.integers(0, 6), min_size=1, max_size=4))


@settings(max_examples=15, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=6), st.sampled_from(["soft", "hard"]))
def test_a_key_lives_if_it_landed_after_it_was_buried(
    steps: list[tuple[bool, list[int]]], deletes: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sink = open_sink(Path(folder))
        land(sink, [a_row(99)], a_commit("r-first"))
        alive = {"99"}
        for number, (lands, ids) in enumerate(steps):
            if lands:
                land(sink, [a_row(n) for n in ids], a_commit(f"r{number}", deletes=deletes))
                alive |= set(map(str, ids))
            else:
                assert bury(sink, ids, f"r{number}", deletes).deleted == len(
                    alive & set(map(str, ids))
                )
                alive -= set(map(str, ids))
        assert sorted(keys_of(sink, TARGET)) == sorted(alive)


def test_a_late_commit_gives_way_to_what_has_landed_and_to_its_tombstone(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(n) for n in range(3)], a_commit("r1"))
    bury(sink, [1], "r2")
    before = rows(tmp_path)
    other = [{**a_row(n), "_raw": '{"other": true}'} for n in range(4)]
    receipt = land(sink, other, replace(a_commit("r3"), late=True))
    assert (receipt.landed, receipt.deduplicated) == (1, 3)  # the one that was not there
    assert {key: row for key, row in rows(tmp_path).items() if key != "3"} == before
    newer = [{**row, "updated": row["updated"] + DAY_MS} for row in other]
    assert land(sink, newer, replace(a_commit("r4"), late=True)).updated == 4
    assert not [row for row in rows(tmp_path).values() if row["_deleted_at"]]


def without_an_order(commit: SliceCommit) -> SliceCommit:
    return replace(commit, policy=replace(commit.policy, cursor_field=None))


def test_a_late_commit_without_an_order_of_versions_only_adds(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(1)], without_an_order(a_commit("r1")))

    late = replace(without_an_order(a_commit("r2")), late=True)
    receipt = land(sink, [{**a_row(n), "_raw": "{}"} for n in (1, 2)], late)
    assert (receipt.inserted, receipt.updated, receipt.deduplicated) == (1, 0, 1)
