"""Full runs into a sink that can only replace, and of rows without a key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink

from .control_plane import POLICY, ControlPlane, Crash
from .listed_source import ListedSource, a_record

HIDDEN = SourceWarning("PROJECT_FORBIDDEN", "One project is hidden.", partial=True)


@dataclass
class FilesPlane(ControlPlane):
    """A control plane whose lake is a folder of parquet files."""

    def sink(self) -> Any:
        return FilesParquetSink({"location": f"file://{self.place}"}, on_step=self.on_step)


def records(count: int) -> list[dict[str, Any]]:
    return [a_record(n, 1000 + n) for n in range(count)]


def snapshot(plane: ControlPlane) -> list[str]:
    from inlet_worker.pipeline.import_from_staging import sink_target

    target = sink_target(plane.context("r", "FULL"), "list.things", plane.fields)
    return sorted(
        (key for batch in plane.sink().live_keys(target, ["id"]) for key in batch[0].to_pylist()),
        key=int,
    )


def said(result: IngestionUnitResult) -> list[tuple[str, str]]:
    return [(one.code, one.weight) for one in result.evidence]


def a_plane(place: Path, count: int, **policy: Any) -> FilesPlane:
    plane = FilesPlane(ListedSource(records(count), page=50), place, policy={**POLICY, **policy})
    (first,) = plane.run("r1", "FULL")
    assert said(first) == [] and len(snapshot(plane)) == count
    return plane


def test_a_snapshot_that_lacks_few_rows_is_published_and_says_so(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, 150)
    plane.source.records = records(60)
    (result,) = plane.run("r2", "FULL")
    assert said(result) == [("LISTED_LESS", "partial")] and len(snapshot(plane)) == 60
    assert result.evidence[0].message.startswith("90 of 150 landed records")
    (again,) = plane.run("r3", "FULL")
    assert said(again) == []


def test_a_snapshot_that_lacks_many_rows_is_held_until_a_person_approves(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, 150)
    before = plane.checkpoint
    plane.source.records = records(40)
    (held,) = plane.run("r2", "FULL")
    assert said(held) == [("SNAPSHOT_HELD", "suspicious")] and len(snapshot(plane)) == 150
    assert held.receipt is None and plane.checkpoint == before

    plane.policy["approveDeletes"] = True
    (approved,) = plane.run("r3", "FULL")
    assert said(approved) == [("LISTED_LESS", "info")] and len(snapshot(plane)) == 40


def test_a_snapshot_of_an_incomplete_reading_is_held_if_it_lacks_one_row(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, 5)
    plane.source.warnings = (HIDDEN,)
    (whole,) = plane.run("r2", "FULL")
    assert said(whole) == [("PROJECT_FORBIDDEN", "partial")]
    plane.source.records = records(4)
    (held,) = plane.run("r3", "FULL")
    assert ("SNAPSHOT_HELD", "suspicious") in said(held) and len(snapshot(plane)) == 5

    plane.policy["approveDeletes"] = True
    (still,) = plane.run("r4", "FULL")
    assert ("SNAPSHOT_HELD", "suspicious") in said(still) and len(snapshot(plane)) == 5


def test_one_record_that_turns_odd_does_not_hold_up_the_snapshot(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, 5)
    plane.source.records[2] = a_record(None, 1002)
    plane.source.records.append(a_record(9, 2000))
    (result,) = plane.run("r2", "FULL")
    assert ("LISTED_LESS", "partial") in said(result)
    assert snapshot(plane) == ["0", "1", "3", "4", "9"]


def test_rows_that_runs_appended_count_with_those_of_the_snapshot(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, 3)
    plane.source.records = records(150)
    plane.run("r2", "INCREMENTAL")
    plane.source.records = records(40)
    (held,) = plane.run("r3", "FULL")
    assert said(held) == [("SNAPSHOT_HELD", "suspicious")]


def test_an_empty_source_is_believed_with_allow_empty_and_beyond_the_bound_with_approval(
    tmp_path: Path,
) -> None:
    plane = a_plane(tmp_path, 150)
    plane.source.records = []
    (empty,) = plane.run("r2", "FULL")
    assert said(empty) == [("SUSPICIOUS_EMPTY", "suspicious")] and len(snapshot(plane)) == 150
    plane.policy["allowEmpty"] = True
    (held,) = plane.run("r3", "FULL")
    assert said(held) == [("SNAPSHOT_HELD", "suspicious")] and len(snapshot(plane)) == 150
    plane.policy["approveDeletes"] = True
    plane.run("r4", "FULL")
    assert snapshot(plane) == []


@pytest.mark.parametrize("step", ["sealed", "pending", "written", "pointed", "committed"])
def test_a_kill_at_any_step_publishes_a_snapshot_once_and_says_what_it_lacks(
    tmp_path: Path, step: str
) -> None:
    plane = a_plane(tmp_path, 9)
    plane.source.records = records(6)
    crashes = ["once"]

    def crash(reached: str) -> None:
        if crashes and reached == step:
            raise Crash(crashes.pop())

    plane.on_step = crash
    (result,) = plane.run("r2", "FULL")
    assert said(result) == [("LISTED_LESS", "partial")] and len(snapshot(plane)) == 6


def test_rows_without_a_key_are_replaced_as_a_whole_or_held(tmp_path: Path) -> None:
    source = ListedSource(records(150), page=50)
    plane = ControlPlane(source, tmp_path, policy={})
    plane.run("r1", "FULL")
    source.records = [a_record(n, 1000 + n, "another title") for n in range(150)]
    (changed,) = plane.run("r2", "FULL")
    assert said(changed) == [] and {title for _, title in plane.rows().values()} == {
        "another title"
    }

    source.records = records(40)
    (held,) = plane.run("r3", "FULL")
    assert said(held) == [("SNAPSHOT_HELD", "suspicious")] and len(plane.rows()) == 150
    source.records = records(100)
    (fewer,) = plane.run("r4", "FULL")
    assert said(fewer) == [("LISTED_LESS", "partial")] and len(plane.rows()) == 100


def test_a_full_run_of_a_unit_without_a_census_keeps_what_it_does_not_read(tmp_path: Path) -> None:
    for deletes in ("ignore", "soft", "hard"):
        source = ListedSource(records(9), page=50)
        place = tmp_path / deletes
        place.mkdir()
        plane = ControlPlane(source, place, policy={**POLICY, "deletes": deletes})
        plane.run("r1", "FULL")
        source.records = records(4)
        (result,) = plane.run("r2", "FULL")
        assert said(result) == [("LISTED_LESS", "partial")] and len(plane.rows()) == 9


READINGS = st.lists(
    st.tuples(st.integers(0, 260), st.integers(0, 260), st.booleans()), min_size=1, max_size=4
)


@settings(max_examples=12, deadline=None)
@given(readings=READINGS)
def test_no_snapshot_drops_more_than_the_bound_unasked_whatever_is_read(
    readings: list[tuple[int, int, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    plane = FilesPlane(ListedSource([], page=300), tmp_path_factory.mktemp("files"))
    for number, (first, count, whole) in enumerate(readings):
        before = set(snapshot(plane))
        plane.source.records = [a_record(n, 1000 + n) for n in range(first, first + count)]
        plane.source.warnings = () if whole else (HIDDEN,)
        (result,) = plane.run(f"r{number}", "FULL")
        gone = before - set(snapshot(plane))
        assert len(gone) <= (max(100, 0.05 * len(before)) if whole else 0)
        weights = {weight for _, weight in said(result)}
        assert not gone or "partial" in weights
