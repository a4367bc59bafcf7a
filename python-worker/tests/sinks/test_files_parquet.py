from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inlet_sdk.testing.contract_maintenance import MaintenanceContract
from inlet_sdk.testing.contract_sink import TARGET, Killed, SinkContract, a_commit, killed_at
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink

from .landing import land
from .subjects import FilesSubject, rows_of_files


class TestFilesParquetSink(FilesSubject, SinkContract, MaintenanceContract):
    pass


def later(place: Path, days: float) -> FilesParquetSink:
    return FilesParquetSink(
        {"location": f"file://{place}"}, now=lambda: datetime.now(UTC) + timedelta(days=days)
    )


def test_a_snapshot_hides_what_was_appended_before_it_only(tmp_path: Path) -> None:
    sink = FilesParquetSink({"location": f"file://{tmp_path}"})
    land(sink, [a_row(1)], a_commit("r1"))
    land(sink, [a_row(2)], a_commit("r2", mode="FULL"))
    land(sink, [a_row(3)], a_commit("r3"))
    assert [row["id"] for row in rows_of_files(sink)] == ["2", "3"]


def test_a_snapshot_stays_for_its_readers_until_days_after_it_was_replaced(tmp_path: Path) -> None:
    sink = FilesParquetSink({"location": f"file://{tmp_path}"})
    table = tmp_path / "jira/issues"
    land(sink, [a_row(1)], a_commit("r1"))
    aged(table, days=11)
    land(sink, [a_row(2)], a_commit("r2", mode="FULL"))
    aged(table / "snapshot=r2", days=10)
    land(sink, [a_row(3)], a_commit("r3", mode="FULL"))
    replaced = [*table.glob("run=r1-0/*/*.parquet"), *table.glob("snapshot=r2/*/*.parquet")]

    # What was appended before the first snapshot has been out of it for ten days.
    assert sink.sweep(TARGET) == 2 and [path.exists() for path in replaced] == [False, True]
    assert sink.sweep(TARGET) == 0
    assert later(tmp_path, 4).sweep(TARGET) == 1 and not replaced[1].exists()
    assert [row["id"] for row in rows_of_files(sink)] == ["3"]


def test_a_commit_whose_manifest_was_never_written_keeps_its_files(tmp_path: Path) -> None:
    sink = FilesParquetSink({"location": f"file://{tmp_path}"})
    with pytest.raises(Killed):
        land(
            FilesParquetSink({"location": f"file://{tmp_path}"}, on_step=killed_at("pointed")),
            [a_row(1)],
            a_commit("r1"),
        )
    assert later(tmp_path, 40).sweep(TARGET) == 0
    assert sink.find_commit(TARGET, "r1/0") is not None
    assert [row["id"] for row in rows_of_files(sink)] == ["1"]


def aged(place: Path, days: float) -> None:
    written = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    for path in place.rglob("*"):
        os.utime(path, (written, written))
