from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_worker.pipeline import redrive_quarantine
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.staging.quarantine_shelf import Selection

from .control_plane import POLICY, ControlPlane, Crash
from .landing_again import drop_table, left, redrive, redriven, shelf_of, step_of
from .listed_source import FIELDS, ListedSource, a_record

STEPS = ["sealed", "claimed", "pending", "checked", "planned", "written", "committed", "confirmed"]
NO_TITLE = tuple(field for field in FIELDS if field.name != "title")
NO_ORDER = {"primaryKeys": ["id"]}


def a_drifted_plane(place: Path, policy: dict[str, Any] | None = None) -> ControlPlane:
    """Records 0 to 2 have landed in a table without a title. Of 3 to 6, two have one: they are in
    quarantine.
    """
    plane = ControlPlane(
        ListedSource([untitled(n) for n in range(3)], page=3), place, policy={**(policy or POLICY)}
    )
    plane.fields = NO_TITLE
    plane.run("r1", "FULL")
    plane.fields = FIELDS
    plane.policy["schema"] = "quarantine"
    plane.source.records += [
        a_record(3, 2003, "three"),
        a_record(4, 2004, "four"),
        untitled(5),
        untitled(6),
    ]
    (result,) = plane.run("r2", "FULL")
    assert (result.stats["read"], result.stats["quarantined"]) == (7, 2)
    return plane


def untitled(number: int) -> dict[str, Any]:
    return {"id": str(number), "updated": 2000 + number}


def titles(plane: ControlPlane) -> dict[str, str | None]:
    table = plane.sink()._catalog.load_table(("list", "things")).scan().to_arrow().to_pylist()
    found = {row["id"]: row.get("title") for row in table}
    assert len(found) == len(table)
    return found


WHOLE = {"0": None, "1": None, "2": None, "3": "three", "4": "four", "5": None, "6": None}


def test_a_new_column_is_kept_out_and_taken_once_the_policy_evolves(tmp_path: Path) -> None:
    plane = a_drifted_plane(tmp_path)
    assert left(plane) == [("3", "SCHEMA_FROZEN"), ("4", "SCHEMA_FROZEN")]
    assert set(titles(plane)) == {"0", "1", "2", "5", "6"}
    (refused,) = redrive(plane, "d1")
    assert (refused.stats["read"], refused.stats["quarantined"], refused.receipt) == (2, 2, None)
    assert len(left(plane)) == 2
    plane.policy["schema"] = "evolve"
    checkpoint = plane.checkpoint
    (result,) = redrive(plane, "d2")
    assert titles(plane) == WHOLE and left(plane) == []
    assert (result.stats["landed"], result.stats["quarantined"]) == (2, 0)
    assert plane.checkpoint == result.new_checkpoint and checkpoint is not None
    assert plane.checkpoint["position"] == checkpoint["position"]
    assert "quarantine" in checkpoint["cursor"] and "quarantine" not in plane.checkpoint["cursor"]
    (again,) = redrive(plane, "d3")
    assert again.stats["read"] == 0 and titles(plane) == WHOLE


@pytest.mark.parametrize("policy", [POLICY, NO_ORDER, {}], ids=["ordered", "keyed", "keyless"])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_lands_each_record_once(
    tmp_path: Path, step: str, policy: dict[str, Any]
) -> None:
    plane = a_drifted_plane(tmp_path, policy)
    plane.policy["schema"] = "evolve"
    crashes = [step]

    def crash(reached: str) -> None:
        if crashes and reached == crashes[0]:
            raise Crash(crashes.pop())

    plane.on_step = crash
    (result,) = redrive(plane, "d1")
    assert not crashes and (result.stats["read"], result.stats["landed"]) == (2, 2)
    assert titles(plane) == WHOLE and left(plane) == [] and shelf_of(plane).claims() == []


@pytest.mark.parametrize("policy", [POLICY, {}], ids=["ordered", "keyless"])
@pytest.mark.parametrize("step", STEPS)
def test_a_redrive_that_is_given_up_is_settled_by_the_next_one(
    tmp_path: Path, step: str, policy: dict[str, Any]
) -> None:
    plane = a_drifted_plane(tmp_path, policy)
    plane.policy["schema"] = "evolve"

    def crash(reached: str) -> None:
        if reached == step:
            raise Crash(step)

    plane.on_step = crash
    plane.epoch += 1
    with pytest.raises(Crash):
        redriven(plane, plane.context("d1", "INCREMENTAL"))
    plane.on_step = lambda _: None
    landed = step in ("committed", "confirmed")
    (result,) = redrive(plane, "d2")
    assert result.stats["landed"] == (0 if landed else 2)
    assert titles(plane) == WHOLE and left(plane) == [] and shelf_of(plane).claims() == []


def test_what_still_does_not_fit_stays_with_its_new_reason(tmp_path: Path) -> None:
    records = [a_record(n, 1000 + n) for n in range(3)] + [
        {**a_record(3, 1003), "id": 5.5},
        {**a_record(4, 1004), "id": 4.0},
    ]
    plane = ControlPlane(ListedSource(records, page=9), tmp_path)
    plane.run("r1", "INCREMENTAL")
    assert left(plane) == [("5.5", "RECORD_INVALID"), ("4.0", "RECORD_INVALID")]
    drop_table(plane)  # its id is a string
    plane.fields = (FieldDescriptor("id", "long"), *FIELDS[1:])
    (result,) = redrive(plane, "d1")
    assert (result.stats["read"], result.stats["landed"], result.stats["quarantined"]) == (2, 1, 1)
    assert [e.code for e in result.evidence] == ["RECORD_INVALID", "QUARANTINED", "REDRIVEN"]
    (kept,) = shelf_of(plane).records(Selection())
    assert (kept.record.key, kept.record.reason) == ("5.5", "id is not a long: got float")
    assert kept.record_id == "r1:000000-000000:0"


def test_a_newer_landed_version_wins(tmp_path: Path) -> None:
    plane = a_drifted_plane(tmp_path)
    plane.policy["schema"] = "evolve"
    plane.source.records[3] = a_record(3, 3003, "newer")
    plane.run("r3", "INCREMENTAL")
    (result,) = redrive(plane, "d1")
    assert titles(plane)["3"] == "newer" and left(plane) == []
    assert result.stats["deduplicated"] >= 1 and result.stats["read"] == 2


def test_without_an_order_of_versions_what_landed_later_is_newer(tmp_path: Path) -> None:
    plane = a_drifted_plane(tmp_path, NO_ORDER)
    plane.policy["schema"] = "evolve"
    plane.epoch = 1_600_000_000_000  # before now, when the next run lands
    plane.source.records[3] = a_record(3, 2003, "changed since")
    plane.run("r3", "FULL")
    (result,) = redrive(plane, "d1")
    assert titles(plane)["3"] == "changed since" and left(plane) == []
    assert (result.stats["read"], result.stats["deduplicated"]) == (2, 2)


class AppendingPlane(ControlPlane):
    def sink(self) -> FilesParquetSink:  # type: ignore[override]
        return FilesParquetSink({"location": f"file://{self.place}/files"}, on_step=self.on_step)


def test_in_a_sink_that_only_appends_what_landed_later_is_newer(tmp_path: Path) -> None:
    plane = AppendingPlane(ListedSource([untitled(9)], page=9), tmp_path, fields=NO_TITLE)
    plane.run("r1", "INCREMENTAL")
    plane.fields, plane.policy["schema"] = FIELDS, "quarantine"
    plane.source.records = [a_record(4, 2010, "four"), a_record(5, 2011, "five")]
    plane.run("r2", "INCREMENTAL")
    assert left(plane) == [("4", "SCHEMA_FROZEN"), ("5", "SCHEMA_FROZEN")]
    plane.policy["schema"] = "evolve"
    plane.source.records = [a_record(4, 3004, "newer")]
    plane.run("r3", "INCREMENTAL")
    (result,) = redrive(plane, "d1")
    assert (result.stats["read"], result.stats["landed"], result.stats["deduplicated"]) == (2, 1, 1)
    target = step_of(plane, plane.context("any", "INCREMENTAL")).target
    keys = [
        key
        for batch in plane.sink().live_keys(target, ["id"])
        for key in batch.column("id").to_pylist()
    ]
    assert sorted(keys) == ["4", "5", "9"] and left(plane) == []


def test_without_an_order_of_versions_an_older_landed_row_is_replaced(tmp_path: Path) -> None:
    source = ListedSource([untitled(0)], page=3)
    plane = ControlPlane(source, tmp_path, policy=dict(NO_ORDER), fields=NO_TITLE)
    plane.run("r1", "FULL")
    plane.fields, plane.policy["schema"] = FIELDS, "quarantine"
    source.records[0] = a_record(0, 2001, "titled")
    plane.epoch = 4_000_000_000_000  # the run began after the row had landed
    plane.run("r2", "FULL")
    assert titles(plane) == {"0": None}  # set aside, and so not gone
    plane.policy["schema"] = "evolve"
    redrive(plane, "d1")
    assert titles(plane) == {"0": "titled"} and left(plane) == []


@pytest.mark.parametrize(
    ("wanted", "landed"),
    [
        (Selection(run_id="r2"), {"3", "4"}),
        (Selection(run_id="r"), set()),
        (Selection(code="SCHEMA_FROZEN"), {"3", "4"}),
        (Selection(code="RECORD_INVALID"), set()),
        (Selection(record_ids=frozenset({"r2:000000-000000:1", "r9:000000-000000:0"})), {"4"}),
    ],
)
def test_only_what_is_wanted_is_tried(tmp_path: Path, wanted: Selection, landed: set[str]) -> None:
    plane = a_drifted_plane(tmp_path)
    plane.policy["schema"] = "evolve"
    (result,) = redrive(plane, "d1", wanted)
    assert {key for key, title in titles(plane).items() if title} == landed
    assert result.stats["read"] == len(landed) and len(left(plane)) == 2 - len(landed)
    assert ("NOT_FOUND" in [e.code for e in result.evidence]) == (wanted.record_ids is not None)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(1, 4), st.integers(1, 3))
def test_records_land_once_however_often_they_were_set_aside(
    numbers: list[int], slice_records: int, redrives: int
) -> None:
    """Versions of four records are set aside run by run, then redriven in slices: the newest of
    each is in the sink.
    """
    with TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patched:
        patched.setattr(redrive_quarantine, "SLICE_RECORDS", slice_records)
        source = ListedSource([untitled(9)], page=50)
        plane = ControlPlane(source, Path(place), fields=NO_TITLE)
        plane.run("r", "INCREMENTAL")
        plane.fields, plane.policy["schema"] = FIELDS, "quarantine"
        for at, number in enumerate(numbers):
            source.records = [a_record(number, 5000 + at, f"{at}")]
            plane.run(f"r{at:02}", "INCREMENTAL")
        plane.policy["schema"] = "evolve"
        newest = {str(number): f"{at}" for at, number in enumerate(numbers)}
        read = 0
        for again in range(redrives):
            for result in redrive(plane, f"s{again}"):
                stats = result.stats
                read += stats["read"]
                assert (
                    stats["read"] == stats["landed"] + stats["deduplicated"] + stats["quarantined"]
                )
            assert titles(plane) == {"9": None, **newest} and left(plane) == []
        assert read == len(numbers)
