"""The snapshots that add position deletes: what is in them, and what they are made of."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyiceberg.manifest import DataFileContent, ManifestContent, ManifestEntryStatus

from inlet_sdk.testing.contract_sink import a_commit
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.iceberg import row_delta
from inlet_worker.sinks.iceberg.position_deletes import POSITION_FIELD_ID, SCHEMA

from .landing import land
from .merge_ways import merging_by
from .test_iceberg import open_sink, table_of

LATER = 1_800_000_000_000


@pytest.fixture(autouse=True)
def by_deletes() -> Iterator[None]:
    with merging_by("deletes"):
        yield


def changed(place: Path, ids: list[int], run: str, at: int = LATER) -> None:
    land(open_sink(place), [a_row(n, updated=at) for n in ids], a_commit(run))


def test_pyiceberg_is_the_version_whose_parts_these_snapshots_are_made_of() -> None:
    """RowDelta extends what pyiceberg keeps to itself (`_OverwriteFiles`: `_manifests`,
    `_existing_manifests`, `_summary`; `ManifestWriterV2._meta`), and reading uses
    `_to_requested_schema` and `_read_deletes`. With another version compare these first, run this
    folder's tests and `npm run test:engines`, and then change the version here. If the library
    writes position deletes by then, use its own.
    """
    assert version("pyiceberg") == "0.12.0"


def test_a_changed_row_is_deleted_by_position_in_the_snapshot_that_appends_it(
    tmp_path: Path,
) -> None:
    land(open_sink(tmp_path), [a_row(n) for n in range(10)], a_commit("r1"))
    before = {task.file.file_path for task in table_of(tmp_path).scan().plan_files()}
    changed(tmp_path, [3, 7], "r2")

    table = table_of(tmp_path)
    tasks = {task.file.file_path: task for task in table.scan().plan_files()}
    summary = table.current_snapshot().summary
    (path,) = before
    (delete_file,) = tasks[path].delete_files
    assert len(tasks) == 2 and len(table.snapshots()) == 2
    assert [not task.delete_files for name, task in tasks.items() if name != path] == [True]
    assert summary["added-position-deletes"] == summary["total-position-deletes"] == "2"
    assert summary["added-position-delete-files"] == summary["added-delete-files"] == "1"
    assert (summary["added-data-files"], summary["total-records"]) == ("1", "12")

    stored = pq.read_table(delete_file.file_path.removeprefix("file://"))
    assert stored.schema.equals(SCHEMA, check_metadata=False)
    assert stored.to_pydict() == {"file_path": [path, path], "pos": [3, 7]}
    bounds = (delete_file.lower_bounds, delete_file.upper_bounds)
    ends = [struct.unpack("<q", bound[POSITION_FIELD_ID])[0] for bound in bounds]
    assert ends == [3, 7] and delete_file.record_count == 2


def test_delete_manifests_say_what_they_hold_and_from_which_snapshot_on(tmp_path: Path) -> None:
    land(open_sink(tmp_path), [a_row(n) for n in range(10)], a_commit("r1"))
    changed(tmp_path, [1], "r2")
    changed(tmp_path, [2], "r3")
    table = table_of(tmp_path)
    deletes = [
        (entry.status, entry.data_file.content, entry.sequence_number)
        for manifest in table.current_snapshot().manifests(table.io)
        if manifest.content == ManifestContent.DELETES
        for entry in manifest.fetch_manifest_entry(table.io)
    ]
    added, content = ManifestEntryStatus.ADDED, DataFileContent.POSITION_DELETES
    assert sorted(deletes, key=lambda entry: entry[2]) == [(added, content, 2), (added, content, 3)]


def test_a_file_that_is_written_anew_takes_its_delete_files_with_it(tmp_path: Path) -> None:
    land(open_sink(tmp_path), [a_row(n) for n in range(10)], a_commit("r1"))
    changed(tmp_path, [1, 2], "r2")
    with merging_by("rewrites"):
        changed(tmp_path, [3], "r3")

    table = table_of(tmp_path)
    summary = table.current_snapshot().summary
    assert not any(task.delete_files for task in table.scan().plan_files())
    assert (summary["removed-position-deletes"], summary["total-position-deletes"]) == ("2", "0")
    assert summary["total-delete-files"] == "0" and summary["total-records"] == "10"


def test_the_delete_files_of_a_data_file_stay_few(tmp_path: Path) -> None:
    land(open_sink(tmp_path), [a_row(n) for n in range(100, 200)], a_commit("r0"))
    (first,) = (task.file.file_path for task in table_of(tmp_path).scan().plan_files())
    counts = []
    for number in range(20):
        changed(tmp_path, [100 + number], f"r{number + 1}")
        tasks = {task.file.file_path: task for task in table_of(tmp_path).scan().plan_files()}
        counts.append(len(tasks[first].delete_files))
    assert counts == [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4]
    deleted = sum(file.record_count for file in tasks[first].delete_files)
    assert deleted == 20 and table_of(tmp_path).scan().count() == 100


def test_manifests_stay_few_however_many_commits_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_delta, "KEPT_MANIFESTS", 4)
    for number in range(12):
        changed(tmp_path, [1, 100 + number], f"r{number}", LATER + number)
    table = table_of(tmp_path)
    assert len(table.current_snapshot().manifests(table.io)) <= 2 * (4 + 2)
    assert table.scan().count() == 13


def test_a_lost_race_leaves_no_file_behind(tmp_path: Path) -> None:
    land(open_sink(tmp_path), [a_row(n) for n in range(10)], a_commit("r1"))
    raced: list[bool] = []

    def race(step: str) -> None:
        if step == "written" and not raced:
            raced.append(True)
            changed(tmp_path, [5], "other")

    land(open_sink(tmp_path, race), [a_row(4, updated=LATER)], a_commit("r2"))

    table = table_of(tmp_path)
    known = {
        file.file_path
        for task in table.scan().plan_files()
        for file in (task.file, *task.delete_files)
    }
    written = {f"file://{path}" for path in (tmp_path / "lake").rglob("data/*.parquet")}
    assert raced and written == known
