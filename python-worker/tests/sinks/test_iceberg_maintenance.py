from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.ports.sink_maintenance import MaintenanceReport, Upkeep
from inlet_sdk.testing.contract_sink import TARGET, a_commit
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.iceberg import compaction_plan, data_files, key_ranges, maintenance
from inlet_worker.sinks.iceberg.bookkeeping import highest_epoch
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.sinks.iceberg.expiry import expire_snapshots

from .landing import land
from .merge_ways import merging_by
from .subjects import iceberg_config
from .test_iceberg import open_sink, table_of

LATE = 1_800_000_000_000


def later(place: Path, days: float) -> IcebergSink:
    return IcebergSink(iceberg_config(place), now=lambda: datetime.now(UTC) + timedelta(days=days))


def upkeep(sink: IcebergSink) -> MaintenanceReport:
    return sink.maintain(TARGET, Upkeep())


def files_of(place: Path) -> list[Any]:
    return [task.file for task in table_of(place).scan().plan_files()]


def rows_of(place: Path) -> list[dict[str, Any]]:
    rows = table_of(place).scan().to_arrow().to_pylist()
    return sorted(rows, key=lambda row: str(row["id"]))


def fill(place: Path, slices: int, per_slice: int = 10) -> None:
    for n in range(slices):
        rows = [a_row(key) for key in range(n * per_slice, (n + 1) * per_slice)]
        land(open_sink(place), rows, a_commit(f"r{n}", epoch=n + 1))


def test_small_files_become_few_sorted_ones_of_disjoint_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_ranges, "RANGE_BYTES", 20_000)
    rows = [a_row(n * 7919 % 1000, _raw=str(n) * 20) for n in range(1000)]
    for n in range(20):
        land(open_sink(tmp_path), rows[n * 50 : n * 50 + 50], a_commit(f"r{n}"))
    before = rows_of(tmp_path)
    monkeypatch.setattr(data_files, "FILE_BYTES", 12_000)

    report = upkeep(open_sink(tmp_path))

    files = files_of(tmp_path)
    assert report.files_compacted == 20 and 1 < report.files_written == len(files) < 20
    bounds = sorted((file.lower_bounds[1], file.upper_bounds[1]) for file in files)
    assert all(high < low for (_, high), (low, _) in pairwise(bounds))
    assert rows_of(tmp_path) == before


def test_a_compaction_says_what_it_is_and_takes_no_part_in_the_bookkeeping(tmp_path: Path) -> None:
    fill(tmp_path, 4)
    before = table_of(tmp_path)
    upkeep(open_sink(tmp_path))

    table = table_of(tmp_path)
    summary = table.current_snapshot().summary
    assert summary.operation.value == "replace"
    assert summary["added-records"] == summary["deleted-records"] == "40"
    assert summary["total-records"] == "40" and summary["total-data-files"] == "1"
    assert not [name for name in summary.additional_properties if name.startswith("ctl.")]
    assert table.properties == before.properties
    assert highest_epoch(table) == 4


def test_no_manifest_of_what_was_replaced_stays(tmp_path: Path) -> None:
    fill(tmp_path, 6)
    upkeep(open_sink(tmp_path))
    table = table_of(tmp_path)
    # What was added, and what went.
    assert len(table.current_snapshot().manifests(table.io)) == 2


def test_no_commit_replaces_more_than_its_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, 8)
    sizes = [file.file_size_in_bytes for file in files_of(tmp_path)]
    monkeypatch.setattr(compaction_plan, "GROUP_BYTES", max(sizes) * 2 + 1)
    before = rows_of(tmp_path)
    snapshots = len(table_of(tmp_path).snapshots())

    upkeep(open_sink(tmp_path))

    replaced = [
        int(one.summary["deleted-data-files"]) for one in table_of(tmp_path).snapshots()[snapshots:]
    ]
    assert len(replaced) > 1 and all(count <= 3 for count in replaced)
    assert rows_of(tmp_path) == before


def test_history_goes_also_where_more_is_left_to_be_compacted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, 6)
    sizes = [file.file_size_in_bytes for file in files_of(tmp_path)]
    monkeypatch.setattr(compaction_plan, "GROUP_BYTES", max(sizes) * 2 + 1)
    monkeypatch.setattr(maintenance, "MOST_COMMITS", 1)
    before = rows_of(tmp_path)

    first = upkeep(later(tmp_path, 9))
    assert (first.done, first.snapshots_expired) == (False, 6)
    calls = 1
    while not upkeep(later(tmp_path, 9)).done:
        calls += 1
    assert calls > 1 and rows_of(tmp_path) == before


def test_files_of_their_size_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, 3)
    monkeypatch.setattr(data_files, "FILE_BYTES", 1_000)
    before = {file.file_path for file in files_of(tmp_path)}
    assert upkeep(open_sink(tmp_path)) == MaintenanceReport()
    assert {file.file_path for file in files_of(tmp_path)} == before


def test_rows_that_nothing_identifies_are_brought_together_too(tmp_path: Path) -> None:
    for n in range(3):
        land(open_sink(tmp_path), [a_row(1), a_row(1)], a_commit(f"r{n}", primaryKeys=[]))
    before = sorted(map(repr, rows_of(tmp_path)))
    assert upkeep(open_sink(tmp_path)).files_compacted == 3
    assert sorted(map(repr, rows_of(tmp_path))) == before


def test_a_run_that_commits_first_costs_the_compaction_its_work_and_no_row(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    commits: list[str] = []

    def commit_first(step: str) -> None:
        if step == "compacted":
            commits.append(f"busy{len(commits)}")
            land(open_sink(tmp_path), [a_row(len(commits))], a_commit(commits[-1], epoch=9))

    report = upkeep(open_sink(tmp_path, commit_first))

    assert report == MaintenanceReport(lost_races=3) and len(commits) == 3
    assert [row["id"] for row in rows_of(tmp_path)] == sorted(str(n) for n in range(30))
    assert not list(tmp_path.rglob("compacted-*.parquet"))


def test_upkeep_whose_time_is_up_leaves_no_file(tmp_path: Path) -> None:
    fill(tmp_path, 5)
    before = rows_of(tmp_path)
    asked: Iterator[bool] = iter([False, False])
    report = open_sink(tmp_path).maintain(TARGET, Upkeep(is_over=lambda: next(asked, True)))
    assert report == MaintenanceReport(done=False)
    assert rows_of(tmp_path) == before and len(files_of(tmp_path)) == 5
    assert not list(tmp_path.rglob("compacted-*.parquet"))


def test_old_snapshots_go_and_branches_tags_and_receipts_stay(tmp_path: Path) -> None:
    fill(tmp_path, 5)
    table = table_of(tmp_path)
    tagged, branched = table.snapshots()[0].snapshot_id, table.snapshots()[1].snapshot_id
    manage = table.manage_snapshots()
    manage.create_tag(tagged, "month").create_branch(branched, "audit").commit()

    assert upkeep(later(tmp_path, 7)).snapshots_expired == 0
    assert upkeep(later(tmp_path, 9)).snapshots_expired == 3

    table = table_of(tmp_path)
    kept = {one.snapshot_id for one in table.snapshots()}
    assert kept == {tagged, branched, table.current_snapshot().snapshot_id}
    assert table.scan(snapshot_id=tagged).count() == 10
    assert table.scan(snapshot_id=branched).count() == 20
    assert open_sink(tmp_path).find_commit(TARGET, "r4/0") is not None


@pytest.mark.parametrize(
    ("own", "expired"),
    [
        ({"history.expire.max-snapshot-age-ms": str(30 * 86_400_000)}, 0),
        ({"history.expire.max-snapshot-age-ms": "9" * 40}, 0),
        ({"history.expire.max-snapshot-age-ms": "1"}, 5),
        ({"history.expire.max-snapshot-age-ms": "soon"}, 5),
        ({"history.expire.min-snapshots-to-keep": "3"}, 3),
    ],
)
def test_a_table_may_keep_more_history_of_its_own_accord_and_not_less(
    tmp_path: Path, own: dict[str, str], expired: int
) -> None:
    fill(tmp_path, 5)
    upkeep(open_sink(tmp_path))
    with table_of(tmp_path).transaction() as transaction:
        transaction.set_properties(own)
    assert upkeep(later(tmp_path, 7.5)).snapshots_expired == 0
    assert upkeep(later(tmp_path, 9)).snapshots_expired == expired


def test_a_branch_that_is_made_meanwhile_keeps_its_snapshot(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    seen = table_of(tmp_path)
    first = seen.snapshots()[0].snapshot_id
    table_of(tmp_path).manage_snapshots().create_branch(first, "late").commit()
    assert expire_snapshots(seen, datetime.now(UTC) + timedelta(days=9)) == 0
    assert table_of(tmp_path).scan(snapshot_id=first).count() == 10


def test_nothing_is_left_of_what_nothing_names(tmp_path: Path) -> None:
    fill(tmp_path, 6)
    metadata = tmp_path / "lake/jira/issues/metadata"
    (metadata / "version-hint.text").write_text("1")
    (metadata / "00099-cut-short.metadata.json").write_text('{"table-')
    upkeep(later(tmp_path, 9))
    upkeep(later(tmp_path, 9))

    table = table_of(tmp_path)
    names = Counter(path.name.split("-")[0] for path in metadata.glob("*.avro"))
    assert sum(names.values()) == 3  # two manifests and the list of the one snapshot
    assert len(list(metadata.glob("*.metadata.json"))) == len(table.metadata.metadata_log) + 1
    assert (metadata / "version-hint.text").exists()
    assert len(list((metadata.parent / "data").glob("*"))) == len(files_of(tmp_path)) == 1


def test_metadata_does_not_grow_with_the_number_of_commits(tmp_path: Path) -> None:
    fill(tmp_path, 1, 1)
    kept = "write.metadata.previous-versions-max"
    assert table_of(tmp_path).properties[kept] == "50"
    with table_of(tmp_path).transaction() as transaction:
        transaction.set_properties({kept: "5"})

    fill(tmp_path, 12, 1)
    upkeep(later(tmp_path, 9))
    upkeep(later(tmp_path, 9))
    folder = tmp_path / "lake/jira/issues/metadata"
    assert len(list(folder.glob("*"))) <= 6 + 3


def test_a_table_that_was_renamed_keeps_its_files_when_another_takes_its_folder(
    tmp_path: Path,
) -> None:
    fill(tmp_path, 2)
    catalog = open_sink(tmp_path)._catalog
    catalog.rename_table(("jira", "issues"), ("jira", "issues_2025"))
    land(open_sink(tmp_path), [a_row(77)], a_commit("anew"))
    assert table_of(tmp_path).location() == catalog.load_table("jira.issues_2025").location()

    upkeep(later(tmp_path, 9))
    upkeep(later(tmp_path, 9))

    assert catalog.load_table("jira.issues_2025").scan().to_arrow().num_rows == 20
    assert [row["id"] for row in rows_of(tmp_path)] == ["77"]


def test_files_of_a_commit_on_its_way_are_spared(tmp_path: Path) -> None:
    fill(tmp_path, 2)
    young = tmp_path / "lake/jira/issues/data/r9-0-young.parquet"
    old = tmp_path / "lake/jira/issues/data/r9-0-old.parquet"
    for path, days in ((young, 2), (old, 4)):
        path.write_bytes(b"rows")
        written = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        os.utime(path, (written, written))
    assert upkeep(open_sink(tmp_path)).files_deleted == 1
    assert young.exists() and not old.exists()


def test_merges_compaction_and_expiry_at_once_end_as_a_dictionary_would(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    over = threading.Event()
    faults: list[BaseException] = []

    def keep_up() -> None:
        try:
            while not over.is_set():
                upkeep(open_sink(tmp_path))
                # Every snapshot but the head, as if the runs had all the time in the world.
                expire_snapshots(table_of(tmp_path), datetime.now(UTC) + timedelta(days=9))
        except BaseException as e:
            faults.append(e)

    keepers = [threading.Thread(target=keep_up) for _ in range(2)]
    for keeper in keepers:
        keeper.start()
    model = {str(n): f"row {n}" for n in range(30)}
    try:
        for n in range(12):
            changed = [a_row(k, updated=LATE + n, summary=f"{n}") for k in range(n, 36, 5)]
            receipt = land(open_sink(tmp_path), changed, a_commit(f"m{n}", epoch=10 + n))
            assert receipt.landed == len(changed)
            model |= {row["id"]: row["summary"] for row in changed}
    finally:
        over.set()
        for keeper in keepers:
            keeper.join()

    assert not faults
    assert {row["id"]: row["summary"] for row in rows_of(tmp_path)} == model
    assert len(rows_of(tmp_path)) == len(model)


@pytest.mark.parametrize("way", ["deletes", "both"])
def test_rows_that_are_deleted_by_position_are_folded_away_with_their_delete_files(
    tmp_path: Path, way: str
) -> None:
    fill(tmp_path, 2)
    with merging_by(way):
        for n in range(3):
            changed = [a_row(k, updated=LATE + n, summary=f"{n}") for k in range(n, 20, 4)]
            land(open_sink(tmp_path), changed, a_commit(f"m{n}", epoch=10 + n))
    before = rows_of(tmp_path)
    assert any(task.delete_files for task in table_of(tmp_path).scan().plan_files())

    upkeep(open_sink(tmp_path))

    table = table_of(tmp_path)
    assert rows_of(tmp_path) == before
    assert not any(task.delete_files for task in table.scan().plan_files())
    summary = table.current_snapshot().summary
    assert (summary["total-delete-files"], summary["total-position-deletes"]) == ("0", "0")
    assert upkeep(open_sink(tmp_path)) == MaintenanceReport()
