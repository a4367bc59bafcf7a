from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.sink_endpoint import SinkTarget, SliceCommit
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.contract_maintenance import MaintenanceContract
from inlet_sdk.testing.contract_sink import TARGET, SinkContract, a_commit
from inlet_sdk.testing.contract_staging import FIELDS, a_row
from inlet_worker.sinks.iceberg import data_files, key_ranges
from inlet_worker.sinks.iceberg.catalog import open_catalog
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.sinks.iceberg.place import IcebergPlace
from inlet_worker.staging.in_memory import InMemoryStaging

from .landing import land
from .subjects import IcebergSubject, iceberg_config


def open_sink(place: Path, on_step: Callable[[str], None] = lambda _: None) -> IcebergSink:
    return IcebergSink(iceberg_config(place), on_step=on_step)


def table_of(place: Path) -> Any:
    return open_catalog(IcebergPlace.model_validate(iceberg_config(place))).load_table(
        ("jira", "issues")
    )


class TestIcebergSink(IcebergSubject, SinkContract, MaintenanceContract):
    pass


def test_a_second_equal_full_run_lands_no_row_and_is_recorded(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    rows = [a_row(n) for n in range(20)]
    land(sink, rows, a_commit("r1", mode="FULL"))
    again = land(sink, rows, a_commit("r2", mode="FULL"))
    assert (again.landed, again.deduplicated, again.bytes_rewritten) == (0, 20, 0)
    assert sink.find_commit(TARGET, "r2/0") == again


def test_every_commit_is_one_snapshot_that_says_what_it_is(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(1)], a_commit("r1"))
    land(sink, [a_row(1, updated=1_800_000_000_000), a_row(2)], a_commit("r2", epoch=2))
    table = table_of(tmp_path)
    assert len(table.snapshots()) == 2
    summary = table.current_snapshot().summary
    assert summary["ctl.commit-id"] == table.properties["ctl.commit-id"] == "r2/0"
    assert summary["ctl.epoch"] == table.properties["ctl.epoch"] == "2"


def test_a_commit_is_found_after_its_snapshot_expired(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    receipt = land(sink, [a_row(1)], a_commit("r1"))
    land(sink, [a_row(2)], a_commit("r2"))
    table = table_of(tmp_path)
    table.maintenance.expire_snapshots().by_id(int(receipt.snapshot_id or 0)).commit()
    assert sink.find_commit(TARGET, "r1/0") == receipt


def test_a_compaction_between_plan_and_commit_loses_nothing(tmp_path: Path) -> None:
    land(open_sink(tmp_path), [a_row(n) for n in range(5)], a_commit("r1"))
    land(open_sink(tmp_path), [a_row(n) for n in range(5, 9)], a_commit("r2"))
    compacted: list[bool] = []

    def compact(step: str) -> None:
        if step == "written" and not compacted:
            compacted.append(True)
            table = table_of(tmp_path)
            table.overwrite(table.scan().to_arrow())

    changed = a_row(2, updated=1_800_000_000_000, summary="changed")
    receipt = land(open_sink(tmp_path, compact), [changed, a_row(9)], a_commit("r3"))
    assert compacted and receipt.updated == 1
    rows = table_of(tmp_path).scan().to_arrow().sort_by("id")
    assert rows.column("id").to_pylist() == [str(n) for n in range(10)]
    assert rows.column("summary")[2].as_py() == "changed"


def test_a_merge_rewrites_only_the_files_that_hold_its_keys(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    for part in range(4):
        land(
            sink, [a_row(n) for n in range(100 + part * 50, 150 + part * 50)], a_commit(f"r{part}")
        )
    before = {task.file.file_path for task in table_of(tmp_path).scan().plan_files()}
    land(sink, [a_row(160, updated=1_800_000_000_000)], a_commit("touch"))
    after = {task.file.file_path for task in table_of(tmp_path).scan().plan_files()}
    assert len(before & after) == 3 and len(before) == len(after) == 4


def test_rows_beyond_memory_are_sorted_through_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_ranges, "RANGE_BYTES", 20_000)
    monkeypatch.setattr(data_files, "FILE_BYTES", 4_000)
    rows = [a_row(n * 7919 % 1000, _raw=str(n) * 20) for n in range(1000)]
    receipt = land(open_sink(tmp_path), rows, a_commit(mode="FULL"))
    assert receipt.landed == 1000
    tasks = list(table_of(tmp_path).scan().plan_files())
    assert len(tasks) > 3
    ids = table_of(tmp_path).scan().to_arrow().column("id").to_pylist()
    assert sorted(ids) == sorted(str(n) for n in range(1000))
    bounds = sorted((t.file.lower_bounds[1], t.file.upper_bounds[1]) for t in tasks)
    assert all(high < low for (_, high), (low, _) in pairwise(bounds))


def test_rows_without_a_key_are_appended_once_each(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    receipt = land(sink, [a_row(1), a_row(1), a_row(2)], a_commit("r1", primaryKeys=[]))
    assert receipt.inserted == 3
    land(sink, [a_row(1)], a_commit("r2", primaryKeys=[]))
    table = table_of(tmp_path).scan().to_arrow()
    first = [row["_row_id"] for row in table.to_pylist() if row["_run_id"] == "r1"]
    assert table.num_rows == 4 and len(set(first)) == 3
    more = land(sink, [a_row(3)], a_commit("r3", mode="FULL", primaryKeys=[]))
    assert (more.inserted, more.deleted) == (1, 0)
    again = land(sink, [a_row(1), a_row(2)], replaced("r4"))
    # Row 1 had landed three times, so it is written anew; row 2 stays as it is.
    assert (again.updated, again.deduplicated, again.unchanged) == (1, 1, 1)
    assert sorted(table_of(tmp_path).scan().to_arrow().column("id").to_pylist()) == ["1", "2"]


def replaced(run: str) -> SliceCommit:
    """A full reading of rows without a key, which the pipeline lets replace what is there."""
    return replace(a_commit(run, mode="FULL", primaryKeys=[]), whole=True)


WIDER = SinkTarget("t1", "jira", "issues", (*FIELDS, FieldDescriptor("points", "double")))


def wider(rows: list[dict[str, Any]]) -> Any:
    session = InMemoryStaging().allocate_session(a_context(), WIDER.fields)
    writer = session.writer()
    writer.write_batch(rows)
    writer.seal({})
    return session.reader()


def test_new_columns_follow_the_schema_policy(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(1)], a_commit("r1"))
    with pytest.raises(FatalError) as raised:
        sink.commit(WIDER, wider([a_row(2, points=1.5)]), a_commit("r2", schema="freeze"))
    assert raised.value.code == "SCHEMA_FROZEN" and table_of(tmp_path).scan().count() == 1
    sink.commit(WIDER, wider([a_row(2, points=1.5)]), a_commit("r3", schema="quarantine"))
    assert "points" not in table_of(tmp_path).schema().column_names
    sink.commit(WIDER, wider([a_row(3, points=2.5)]), a_commit("r4"))
    rows = table_of(tmp_path).scan().to_arrow().sort_by("id").column("points").to_pylist()
    assert rows == [None, None, 2.5]
    # An older worker, which does not know the column, still lands rows beside it.
    land(sink, [a_row(4)], a_commit("r5"))
    assert table_of(tmp_path).scan().count() == 4
