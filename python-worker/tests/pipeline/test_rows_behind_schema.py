"""What a run says of rows that landed before a column was known, and when it stops."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_worker.pipeline.mapping_state import (
    FACT,
    KEPT_MAPPINGS,
    MappingState,
    Older,
    PresentMapping,
)
from inlet_worker.pipeline.rows_behind_schema import REFILL
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.staging.mapping import FITTING

from .control_plane import ControlPlane, Crash
from .landing_again import drop_table
from .listed_source import FIELDS, ListedSource, a_record

PAST = datetime(2020, 1, 1, tzinfo=UTC)
NO_TITLE = tuple(field for field in FIELDS if field.name != "title")
BEHIND = "ROWS_BEHIND_SCHEMA"


class Versioned(ListedSource):
    """Says which version of its mapping it has."""

    making = 1

    def mapping_version(self, unit_id: str) -> int:
        return self.making


@pytest.fixture
def plane(tmp_path: Path) -> ControlPlane:
    return a_plane(tmp_path)


def a_plane(place: Path) -> ControlPlane:
    """Three records have landed without their title."""
    plane = ControlPlane(Versioned([a_record(n, 1000 + n) for n in range(3)]), place)
    plane.fields = NO_TITLE
    plane.run("r1", "INCREMENTAL")
    return plane


def said(results: list[IngestionUnitResult]) -> list[str]:
    return [e.message for r in results for e in r.evidence if e.code == BEHIND]


def column(plane: ControlPlane, name: str) -> dict[str, Any]:
    table = plane.sink()._catalog.load_table(("list", "things")).scan().to_arrow()
    return {row["id"]: row.get(name) for row in table.to_pylist()}


def test_a_run_says_how_many_rows_are_older_than_a_column_until_a_full_run(
    plane: ControlPlane,
) -> None:
    plane.fields = FIELDS
    plane.source.records[2] = a_record(2, 2002, "newer")
    first = said(plane.run("r2", "INCREMENTAL"))
    again = said(plane.run("r3", "INCREMENTAL"))
    assert first == again == [f"2 rows were landed before column title was known. {REFILL}"]
    assert column(plane, "title") == {"0": None, "1": None, "2": "newer"}

    assert said(plane.run("r4", "FULL")) == [] == said(plane.run("r5", "INCREMENTAL"))
    assert column(plane, "title") == {"0": "a thing", "1": "a thing", "2": "newer"}


def test_a_reset_lands_every_row_anew_and_says_nothing(plane: ControlPlane) -> None:
    plane.fields, plane.checkpoint = FIELDS, None
    assert said(plane.run("r2", "INCREMENTAL")) == []
    assert set(column(plane, "title").values()) == {"a thing"}


@pytest.mark.parametrize("broken", [False, True], ids=["at once", "in two runs"])
def test_a_reset_lands_what_was_restored_with_an_older_time(
    plane: ControlPlane, broken: bool
) -> None:
    plane.fields = FIELDS
    plane.run("r2", "FULL")
    plane.source.records[1] = a_record(1, 900, "restored")
    plane.run("r3", "INCREMENTAL")
    assert column(plane, "title")["1"] == "a thing"  # nobody asked for it

    plane.checkpoint = None
    if broken:  # the first slice lands, the others are left to the next run
        plane.source.records[0] = a_record(0, 800, "restored, too")
        plane.source.page = 1
        plane.epoch += 1
        first = plane.call(plane.context("r4", "INCREMENTAL", deadline=PAST))
        assert not first.done and first.new_checkpoint is not None
        plane.checkpoint = first.new_checkpoint
    plane.run("r5", "INCREMENTAL")
    assert column(plane, "title")["1"] == "restored"
    assert plane.checkpoint is not None and "anew" not in plane.checkpoint["cursor"]["mapping"]


def test_what_a_full_run_is_not_shown_any_more_is_still_behind(plane: ControlPlane) -> None:
    plane.fields = FIELDS
    plane.policy["deletes"] = "ignore"
    plane.source.records = [a_record(n, 1000 + n) for n in range(1, 3)]
    plane.source.warnings = (partial_warning(),)  # so that the row stays
    assert said(plane.run("r2", "FULL")) == [
        f"1 row was landed before column title was known. {REFILL}"
    ]


def test_a_reset_does_not_forget_what_was_behind(plane: ControlPlane) -> None:
    plane.fields = FIELDS
    plane.run("r2", "INCREMENTAL")
    plane.source.records, plane.checkpoint = [a_record(7, 7000)], None
    assert said(plane.run("r3", "INCREMENTAL")) == [
        f"2 rows were landed before column title was known. {REFILL}"
    ]


def test_a_column_that_goes_leaves_nobody_behind_and_one_that_comes_back_does(
    plane: ControlPlane,
) -> None:
    plane.fields = FIELDS
    plane.run("r2", "FULL")
    plane.fields = NO_TITLE
    plane.source.records.append(a_record(8, 8000))
    assert said(plane.run("r3", "INCREMENTAL")) == []
    plane.fields = FIELDS
    (message,) = said(plane.run("r4", "INCREMENTAL"))
    assert message.startswith("1 row was landed before column title was known.")
    assert column(plane, "title") == {"0": "a thing", "1": "a thing", "2": None, "8": "a thing"}


def test_rows_of_two_older_mappings_say_what_each_lacks(plane: ControlPlane) -> None:
    rank = FieldDescriptor("rank", "long")
    plane.fields = FIELDS
    plane.source.records.append(a_record(8, 8000))
    plane.run("r2", "INCREMENTAL")
    plane.fields = (*FIELDS, rank)
    plane.source.records.append(a_record(9, 9000))
    messages = said(plane.run("r3", "INCREMENTAL"))
    assert [message.split(".")[0] for message in messages] == [
        "2 rows were landed before columns rank, title were known",
        "1 row was landed before column rank was known",
    ]


def test_raw_that_is_wanted_later_is_behind_until_a_full_run(tmp_path: Path) -> None:
    plane = ControlPlane(ListedSource([a_record(n, 1000 + n) for n in range(3)]), tmp_path)
    plane.policy["keepRaw"] = False
    plane.run("r1", "INCREMENTAL")
    plane.policy["keepRaw"] = True
    (message,) = said(plane.run("r2", "INCREMENTAL"))
    assert message.startswith("2 rows were landed before `_raw` was kept.")
    assert said(plane.run("r3", "FULL")) == []
    assert all(column(plane, "_raw").values())


def test_raw_that_is_given_up_leaves_nobody_behind(plane: ControlPlane) -> None:
    plane.policy["keepRaw"] = False
    assert said(plane.run("r2", "INCREMENTAL")) == []


def test_a_mapping_that_is_made_otherwise_lands_every_row_that_is_read(
    plane: ControlPlane,
) -> None:
    assert isinstance(plane.source, Versioned)
    plane.source.making = 2
    (message,) = said(plane.run("r2", "INCREMENTAL"))
    assert message.startswith("2 rows were landed before the unit's columns were made as they are")
    (full,) = plane.run("r3", "FULL")
    assert (full.stats["landed"], full.stats["unchanged"], said([full])) == (2, 1, [])


def test_a_release_that_maps_alike_lands_no_row(plane: ControlPlane) -> None:
    plane.fields = tuple(
        FieldDescriptor(one.name, one.type, one.nullable, "said otherwise")
        for one in reversed(plane.fields)
    )
    (full,) = plane.run("r2", "FULL")
    assert (full.stats["landed"], full.stats["unchanged"]) == (0, 3)


def test_an_unchanged_run_looks_at_no_row(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane.fields = FIELDS
    plane.run("r2", "INCREMENTAL")

    def refused(*_: object) -> None:
        raise AssertionError("an unchanged run reads no landed row")

    monkeypatch.setattr(IcebergSink, "live_keys", refused)
    assert len(said(plane.run("r3", "INCREMENTAL"))) == 1


def test_a_table_of_an_earlier_release_is_behind_by_its_missing_columns_alone(
    tmp_path: Path,
) -> None:
    for name, fields, expected in (("alike", NO_TITLE, 0), ("later", FIELDS, 1)):
        plane = a_plane(tmp_path / name)
        forget_mapping(plane)
        plane.fields = fields
        assert len(said(plane.run("r2", "INCREMENTAL"))) == expected


def test_a_table_that_is_gone_leaves_nobody_behind(plane: ControlPlane) -> None:
    drop_table(plane)
    plane.fields, plane.checkpoint = FIELDS, None
    assert said(plane.run("r2", "INCREMENTAL")) == []


def test_a_kill_after_the_commit_says_it_all_the_same(plane: ControlPlane) -> None:
    plane.fields = FIELDS
    plane.source.records.append(a_record(9, 9000))
    crashes = ["committed"]

    def crash(step: str) -> None:
        if crashes and step == crashes[0]:
            raise Crash(crashes.pop())

    plane.on_step = crash
    assert len(said(plane.run("r2", "INCREMENTAL"))) == 1 and not crashes


def test_the_state_of_many_mappings_stays_small() -> None:
    state = MappingState("m0")
    for number in range(1, 30):
        columns = {f"c{n}": "string" for n in range(number + 1)}
        present = PresentMapping(f"m{number}", columns, f"{FITTING}.1")
        state = state.after(present, {f"c{number}"})
    assert len(state.older) == KEPT_MAPPINGS
    assert state.older[""] == Older(frozenset(f"c{n}" for n in range(1, 30)))
    assert MappingState.parse(state.dump()) == state


def partial_warning() -> SourceWarning:
    return SourceWarning("PROJECT_FORBIDDEN", "One project is closed.", partial=True)


def forget_mapping(plane: ControlPlane) -> None:
    """As a release before this one left table and checkpoint."""
    table = plane.sink()._catalog.load_table(("list", "things"))
    with table.transaction() as transaction:
        transaction.remove_properties(f"ctl.fact.{FACT}")
    assert plane.checkpoint is not None
    plane.checkpoint["cursor"].pop("mapping")
