"""Runs are PARTIAL while a record that was set aside is not in the sink, in this run or before."""

from __future__ import annotations

from pathlib import Path

import pytest

from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_worker.staging.quarantine_shelf import Selection

from .censused_source import CensusedSource
from .control_plane import POLICY, ControlPlane, Crash
from .landing_again import redrive, shelf_of
from .listed_source import ListedSource, a_record

ODD = {"odd": "text"}


@pytest.fixture
def plane(tmp_path: Path) -> ControlPlane:
    """Record 1 landed and is set aside since it changed; 2 is set aside from the beginning."""
    plane = ControlPlane(ListedSource([a_record(0, 1000), a_record(1, 1001)]), tmp_path)
    plane.run("r1", "INCREMENTAL")
    plane.source.records[1] = a_record(1, 2001, ODD)
    plane.source.records += [a_record(2, 2002, ODD), a_record(3, 3000)]
    plane.run("r2", "INCREMENTAL")
    return plane


def partial(results: list[IngestionUnitResult]) -> list[str]:
    return [e.code for result in results for e in result.evidence if e.weight == "partial"]


def outstanding(plane: ControlPlane) -> set[str]:
    cursor = (plane.checkpoint or {})["cursor"]
    records = cursor.get("quarantine", {}).get("records", {})
    return {name.split(":")[0] for names in records.values() for name in names}


def test_a_run_that_sets_nothing_aside_says_what_is_still_outstanding(plane: ControlPlane) -> None:
    for number in range(2):
        results = plane.run(f"later{number}", "INCREMENTAL")
        assert results[-1].stats["quarantined"] == 0
        assert partial(results) == ["QUARANTINED"]
        assert results[-1].evidence[-1].message.startswith("2 records are in quarantine")


def test_one_of_two_heals_and_the_other_keeps_the_unit_partial(plane: ControlPlane) -> None:
    plane.source.records[1] = a_record(1, 4001, "whole")
    assert partial(plane.run("r3", "INCREMENTAL")) == ["QUARANTINED"]
    assert outstanding(plane) == {"2"} and plane.rows()["1"] == (4001, "whole")
    plane.source.records[2] = a_record(2, 4002, "whole")
    assert partial(plane.run("r4", "INCREMENTAL")) == []
    assert plane.checkpoint and "quarantine" not in plane.checkpoint["cursor"]


def test_a_full_run_settles_what_the_source_no_longer_shows(plane: ControlPlane) -> None:
    del plane.source.records[2]
    assert partial(plane.run("r3", "FULL")) == ["QUARANTINED"]
    assert outstanding(plane) == {"1"}
    plane.source.records[1] = a_record(1, 2001, "whole")
    assert partial(plane.run("r4", "FULL")) == []
    assert outstanding(plane) == set()


def test_a_full_run_that_misses_a_part_forgets_nothing(plane: ControlPlane) -> None:
    kept = plane.source.records
    plane.source.records = kept[:1]
    plane.source.warnings = (SourceWarning("PROJECT_FORBIDDEN", "Hidden.", partial=True),)
    plane.run("r3", "FULL")
    plane.source.records, plane.source.warnings = kept, ()
    assert outstanding(plane) == {"1", "2"}
    assert partial(plane.run("r4", "INCREMENTAL")) == ["QUARANTINED"]


def test_a_full_run_in_many_slices_remembers_those_of_the_first(tmp_path: Path) -> None:
    records = [a_record(n, 1000 + n, ODD if n in (0, 7) else "a thing") for n in range(9)]
    plane = ControlPlane(ListedSource(records, page=2, limited_after=1), tmp_path)
    results = []
    plane.epoch = 5
    while not results or not results[-1].done:
        context = plane.context(
            "r1", "FULL", slice=len(results), continuation=results[-1].resume if results else None
        )
        results.append(plane.call(context))
        plane.source.limited_after = plane.source.pages_read + 1
    plane.checkpoint = results[-1].new_checkpoint
    assert len(results) > 3 and partial(results) == ["QUARANTINED"]
    assert outstanding(plane) == {"0", "7"}


def test_the_shelf_holds_the_same_content_once(plane: ControlPlane) -> None:
    for number in range(3):
        plane.run(f"full{number}", "FULL")
    assert len(list(shelf_of(plane).records(Selection()))) == 2


def test_a_redrive_that_lands_records_settles_them(plane: ControlPlane) -> None:
    wanted = next(s.record_id for s in shelf_of(plane).records(Selection()) if s.record.key == "2")
    (one,) = redrive(plane, "d1", Selection(frozenset([wanted])))
    assert one.stats["landed"] == 1 and partial([one]) == ["QUARANTINED"]
    assert outstanding(plane) == {"1"}
    (other,) = redrive(plane, "d2")
    assert partial([other]) == [] and outstanding(plane) == set()
    assert partial(plane.run("r3", "INCREMENTAL")) == []


def test_a_redrive_of_an_older_content_settles_no_later_one(plane: ControlPlane) -> None:
    plane.source.records[1] = a_record(1, 7001, {"odd": "again"})
    plane.run("r3", "INCREMENTAL")
    redrive(plane, "d1", Selection(run_id="r2"))
    assert outstanding(plane) == {"1"}


def test_discarded_content_stays_discarded_and_a_later_one_counts(plane: ControlPlane) -> None:
    (result,) = redrive(plane, "d1", discard=True)
    assert (result.stats["read"], result.stats["quarantined"]) == (2, 2)
    assert [e.code for e in result.evidence] == ["DISCARDED"]
    assert list(shelf_of(plane).records(Selection())) == []
    again = plane.run("r3", "FULL")
    assert again[-1].stats["quarantined"] == 2 and partial(again) == []
    assert "DISCARDED" in [e.code for e in again[-1].evidence]
    plane.source.records[1] = a_record(1, 5001, {"odd": "again"})
    assert partial(plane.run("r4", "INCREMENTAL")) == ["QUARANTINED"]
    assert outstanding(plane) == {"1"}


def test_one_discarded_record_leaves_the_other_outstanding(plane: ControlPlane) -> None:
    wanted = next(s.record_id for s in shelf_of(plane).records(Selection()) if s.record.key == "2")
    (result,) = redrive(plane, "d1", Selection(frozenset([wanted])), discard=True)
    assert partial([result]) == ["QUARANTINED"] and outstanding(plane) == {"1"}
    (found,) = redrive(plane, "d2", Selection(frozenset([wanted])))  # by name it is tried again
    assert found.stats["read"] == 1


@pytest.mark.parametrize("discard", [True, False])
def test_a_verdict_that_was_not_heard_is_found_on_the_shelf(
    plane: ControlPlane, discard: bool
) -> None:
    before = plane.checkpoint
    redrive(plane, "d1", discard=True)
    plane.checkpoint = before  # the worker died before it could answer
    assert outstanding(plane) == {"1", "2"}
    (result,) = redrive(plane, "d2", discard=discard)
    assert (result.stats["read"], outstanding(plane), partial([result])) == (0, set(), [])
    assert partial(plane.run("r3", "FULL")) == []


def test_a_kill_between_seal_and_commit_forgets_nothing(plane: ControlPlane) -> None:
    crashes = ["sealed", "pending", "committed"]

    def crash(step: str) -> None:
        if crashes and step == crashes[0]:
            raise Crash(crashes.pop(0))

    plane.on_step = crash
    plane.source.records += [a_record(8, 6000, ODD), a_record(9, 6001)]
    assert partial(plane.run("r3", "INCREMENTAL")) == ["QUARANTINED"]
    assert outstanding(plane) == {"1", "2", "8"} and crashes == []


def test_a_unit_without_keys_counts_by_content(tmp_path: Path) -> None:
    records = [a_record(n, 1000 + n, ODD if n == 1 else "a thing") for n in range(3)]
    plane = ControlPlane(ListedSource(records), tmp_path, policy={})
    for run in ("r1", "r2"):
        assert partial(plane.run(run, "FULL")) == ["QUARANTINED"]
        assert len(outstanding(plane)) == 1
    plane.source.records[1] = a_record(1, 1001)
    assert partial(plane.run("r3", "FULL")) == []


@pytest.mark.parametrize("deletes", ["ignore", "soft"])
def test_the_census_is_told_what_is_set_aside_or_discarded(tmp_path: Path, deletes: str) -> None:
    source = CensusedSource([a_record(0, 1000), a_record(1, 1001, ODD), a_record(2, 1002, ODD)])
    plane = ControlPlane(source, tmp_path, policy={**POLICY, "deletes": deletes})
    plane.run("r1", "INCREMENTAL")
    one = next(s.record_id for s in shelf_of(plane).records(Selection()) if s.record.key == "1")
    for run in ("d1", "d2"):
        redrive(plane, run, Selection(frozenset([one])), discard=True)
    plane.run("r2", "INCREMENTAL")
    assert [order.apart for order in source.orders] == [{"1", "2"}] * 2
    assert outstanding(plane) == {"2"}

    source.records[1:] = [a_record(1, 4001, "whole"), a_record(2, 4002, "whole")]
    plane.run("r3", "INCREMENTAL")
    assert source.orders[-1].apart == frozenset()
