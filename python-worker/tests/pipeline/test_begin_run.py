from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_worker.pipeline.identity import added_to, contradict

from .control_plane import POLICY, ControlPlane, Crash
from .listed_source import a_record
from .sited_source import SitedSource

PAST = datetime(2000, 1, 1, tzinfo=UTC)
REPLACE: dict[str, Any] = {"cursor": {"identity": {"replace": True}}, "position": None}
OTHER = {"siteId": "two", "address": "two.test"}


@pytest.fixture
def source() -> SitedSource:
    records = [a_record(n, 1000 + n) for n in range(7)]
    return SitedSource(records, page=50, group_of={"5": "B", "6": "B"})


@pytest.fixture
def plane(source: SitedSource, tmp_path: Path) -> ControlPlane:
    return ControlPlane(source, tmp_path)


def said(*results: IngestionUnitResult) -> list[tuple[str, str]]:
    return [(e.code, e.weight) for result in results for e in result.evidence]


def ids(plane: ControlPlane) -> list[int]:
    return sorted(int(i) for i in plane.rows())


def refused(plane: ControlPlane, mode: str = "INCREMENTAL") -> FatalError:
    with pytest.raises(FatalError) as raised:
        plane.run("refused", mode)
    return raised.value


def drop(plane: ControlPlane) -> None:
    plane.sink()._catalog.drop_table(("list", "things"))


@pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
@pytest.mark.parametrize("was_reset", [False, True], ids=["checkpoint", "table alone"])
def test_another_system_is_refused_by_checkpoint_and_by_table(
    plane: ControlPlane, source: SitedSource, mode: str, was_reset: bool
) -> None:
    plane.run("r1", "INCREMENTAL")
    rows, checkpoint = plane.rows(), None if was_reset else plane.checkpoint
    plane.checkpoint, source.ids = checkpoint, OTHER
    source.records = [a_record(9, 9000)]

    error = refused(plane, mode)

    assert error.code == "SOURCE_CHANGED" and not error.retryable
    assert "one" in error.message and "two" in error.message and "replace" in error.message
    assert plane.rows() == rows and plane.checkpoint == checkpoint
    assert source.pages_read == 1


def test_the_first_kind_of_id_that_both_know_decides() -> None:
    both = {"siteId": "one", "address": "old.test"}
    assert not contradict(both, {"siteId": "one", "address": "new.test"})
    assert not contradict(both, {"address": "old.test"}) and not contradict(both, {})
    assert contradict(both, {"siteId": "two", "address": "old.test"})
    assert contradict(both, {"address": "new.test"})
    assert not contradict({"address": "old.test"}, {"siteId": "two"})


def test_a_weaker_id_of_one_run_is_no_change_and_the_stronger_one_is_remembered(
    plane: ControlPlane, source: SitedSource
) -> None:
    plane.run("r1", "INCREMENTAL")
    source.ids = {"address": "one.test"}
    plane.run("r2", "INCREMENTAL")
    source.ids = {"siteId": "one", "address": "renamed.test"}
    plane.run("r3", "INCREMENTAL")
    source.ids = {"siteId": "two", "address": "renamed.test"}
    assert refused(plane).code == "SOURCE_CHANGED"


def test_a_source_that_does_not_say_any_more_who_it_is_is_not_complete(
    plane: ControlPlane, source: SitedSource
) -> None:
    source.ids = {}
    assert said(*plane.run("r1", "INCREMENTAL")) == []
    source.ids = {"siteId": "one"}
    assert said(*plane.run("r2", "INCREMENTAL")) == []
    source.ids = {}
    assert said(*plane.run("r3", "INCREMENTAL")) == [("SOURCE_UNVERIFIED", "partial")]


def test_a_run_asks_once_however_many_slices_it_has(
    plane: ControlPlane, source: SitedSource
) -> None:
    source.page = 2
    late = len(plane.run("r1", "FULL", deadline=PAST))
    assert late > 2 and len(source.asked) == 1
    assert ids(plane) == list(range(7))


@pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
@pytest.mark.parametrize(
    "step", ["sealed", "pending", "checked", "planned", "written", "committed"]
)
def test_an_order_to_replace_lands_the_other_system_in_the_place_of_the_old_one_exactly_once(
    plane: ControlPlane, source: SitedSource, mode: str, step: str
) -> None:
    plane.run("r1", "INCREMENTAL")
    source.ids, source.records = OTHER, [a_record(n, 10 + n, "of two") for n in (3, 9)]
    plane.checkpoint = REPLACE
    plane.on_step = once(step)

    plane.run("r2", mode)

    assert plane.rows() == {"3": (13, "of two"), "9": (19, "of two")}
    assert plane.checkpoint is not None and "replace" not in plane.checkpoint["cursor"]["identity"]
    source.records.append(a_record(4, 50))
    plane.run("r3", "INCREMENTAL")
    assert ids(plane) == [3, 4, 9]


def test_an_order_to_replace_is_not_used_up_by_a_run_that_fails(
    plane: ControlPlane, source: SitedSource
) -> None:
    plane.run("r1", "INCREMENTAL")
    source.ids, source.records = OTHER, [a_record(9, 19)]
    plane.checkpoint = REPLACE
    source.limited_after = source.pages_read
    plane.epoch += 1
    waiting = plane.call(plane.context("r2", "INCREMENTAL"), checkpoint=plane.checkpoint)
    assert waiting.outcome == "WAIT" and ids(plane) == list(range(7))

    source.limited_after = None
    plane.run("r3", "INCREMENTAL")
    assert ids(plane) == [9]


@pytest.mark.parametrize("mode", ["INCREMENTAL", "FULL"])
def test_an_order_to_replace_by_nothing_waits_for_a_source_that_shows_something(
    plane: ControlPlane, source: SitedSource, mode: str
) -> None:
    plane.run("r1", "INCREMENTAL")
    source.ids, kept = OTHER, [a_record(9, 19)]
    source.records, plane.checkpoint = [], REPLACE
    results = plane.run("r2", mode)
    assert said(*results) == [("SUSPICIOUS_EMPTY", "suspicious")]
    assert ids(plane) == list(range(7)) and plane.checkpoint == REPLACE

    source.records = kept
    plane.run("r3", mode)
    assert ids(plane) == [9]
    source.records, plane.checkpoint, plane.policy["allowEmpty"] = [], REPLACE, True
    assert said(*plane.run("r4", mode)) == [] and ids(plane) == []


def test_every_slice_after_the_first_of_a_replacement_is_merged(
    plane: ControlPlane, source: SitedSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inlet_worker.pipeline.export_to_staging.SLICE_ROWS", 2)
    plane.run("r1", "INCREMENTAL")
    source.ids, source.page = OTHER, 2
    source.records = [a_record(n, 2000 + n) for n in range(20, 27)]
    plane.checkpoint = REPLACE
    assert len(plane.run("r2", "INCREMENTAL")) > 2
    assert ids(plane) == list(range(20, 27))


@pytest.mark.parametrize("edited", [False, True])
def test_a_table_that_was_dropped_is_filled_from_nothing(
    plane: ControlPlane, source: SitedSource, edited: bool
) -> None:
    plane.run("r1", "INCREMENTAL")
    drop(plane)
    if edited:
        source.records[0] = a_record(0, 5000)
    assert said(*plane.run("r2", "INCREMENTAL")) == [("TARGET_GONE", "info")]
    assert ids(plane) == list(range(7))
    assert said(*plane.run("r3", "INCREMENTAL")) == []


def test_a_table_that_somebody_made_again_is_filled_from_nothing(plane: ControlPlane) -> None:
    plane.run("r1", "INCREMENTAL")
    catalog = plane.sink()._catalog
    schema = catalog.load_table(("list", "things")).schema()
    drop(plane)
    catalog.create_table(("list", "things"), schema)
    assert said(*plane.run("r2", "INCREMENTAL")) == [("TARGET_GONE", "info")]
    assert ids(plane) == list(range(7))


def test_another_sink_starts_from_nothing_and_so_does_the_way_back(
    plane: ControlPlane, source: SitedSource, tmp_path: Path
) -> None:
    plane.run("r1", "INCREMENTAL")
    elsewhere = replace(plane, place=tmp_path / "elsewhere", pending=None)
    elsewhere.place.mkdir()
    assert said(*elsewhere.run("r2", "INCREMENTAL")) == [("TARGET_GONE", "info")]
    source.records[0] = a_record(0, 500, "edited, and older than the checkpoint")
    elsewhere.run("r3", "FULL")

    plane.checkpoint, plane.epoch = elsewhere.checkpoint, elsewhere.epoch
    source.records[1] = a_record(1, 5000)
    assert said(*plane.run("r4", "FULL")) == [("TARGET_GONE", "info")]
    assert plane.rows() == elsewhere.rows() | {"1": (5000, "a thing")}


def test_the_knowledge_base_and_a_lake_are_different_sinks(plane: ControlPlane) -> None:
    plane.run("r1", "INCREMENTAL")
    kept = plane.checkpoint
    again = plane.call(plane.context("r2", "INCREMENTAL"), sink=None, checkpoint=kept)
    assert again.stats["read"] == 7 and ("TARGET_GONE", "info") in said(again)
    known = plane.call(plane.context("r3", "INCREMENTAL"), None, again.new_checkpoint)
    assert known.stats["read"] == 1 and said(known) == []


def test_a_checkpoint_of_an_earlier_release_takes_what_is_there_for_its_own(
    plane: ControlPlane, source: SitedSource
) -> None:
    plane.run("r1", "INCREMENTAL")
    plane.checkpoint = {"cursor": {"position": 1006}, "position": 1006}
    (result,) = plane.run("r2", "INCREMENTAL")
    assert result.stats["read"] == 1 and said(result) == []

    drop(plane)
    plane.checkpoint = {"cursor": {"position": 1006}, "position": 1006}
    assert said(*plane.run("r3", "INCREMENTAL")) == [("TARGET_GONE", "info")]
    assert ids(plane) == list(range(7))


def test_a_wider_filter_reads_what_it_takes_in_and_may_then_be_complete(
    plane: ControlPlane, source: SitedSource
) -> None:
    plane.policy = {**POLICY, "filters": {"groups": ["A"]}}
    plane.run("r1", "INCREMENTAL")
    assert ids(plane) == [0, 1, 2, 3, 4]
    plane.policy = {**POLICY, "filters": {"groups": ["A", "B"]}}
    assert said(*plane.run("r2", "INCREMENTAL")) == [("SCOPE_WIDENED", "info")]
    assert ids(plane) == list(range(7)) and said(*plane.run("r3", "INCREMENTAL")) == []


def test_a_wider_filter_whose_history_cannot_be_read_yet_is_partial_until_it_is(
    plane: ControlPlane, source: SitedSource
) -> None:
    plane.policy = {**POLICY, "filters": {"groups": ["A"]}}
    plane.run("r1", "INCREMENTAL")
    plane.policy, source.closed = dict(POLICY), True
    widened = [("SCOPE_WIDENED", "info"), ("SCOPE_WIDENED", "partial")]
    assert said(*plane.run("r2", "INCREMENTAL")) == widened
    assert said(*plane.run("r3", "INCREMENTAL")) == [("SCOPE_WIDENED", "partial")]
    source.closed = False
    assert said(*plane.run("r4", "INCREMENTAL")) == [] and ids(plane) == list(range(7))


def test_a_filter_that_was_narrowed_and_widened_again_brings_what_changed_meanwhile(
    plane: ControlPlane, source: SitedSource
) -> None:
    plane.run("r1", "INCREMENTAL")
    plane.policy = {**POLICY, "filters": {"groups": ["A"]}}
    source.records[5] = a_record(5, 1500, "edited meanwhile")
    source.records[0] = a_record(0, 9000)
    assert said(*plane.run("r2", "INCREMENTAL")) == []
    assert ids(plane) == list(range(7)) and plane.rows()["5"][1] == "a thing"
    plane.policy = dict(POLICY)
    plane.run("r3", "INCREMENTAL")
    assert plane.rows()["5"][1] == "edited meanwhile"


def test_a_full_run_covers_a_wider_filter_by_itself(plane: ControlPlane) -> None:
    plane.policy = {**POLICY, "filters": {"groups": ["A"]}}
    plane.run("r1", "FULL")
    plane.policy = dict(POLICY)
    assert said(*plane.run("r2", "FULL")) == [] and ids(plane) == list(range(7))
    assert said(*plane.run("r3", "INCREMENTAL")) == []


def test_a_widening_that_is_killed_before_any_commit_is_found_by_the_next_run(
    plane: ControlPlane, source: SitedSource
) -> None:
    plane.policy = {**POLICY, "filters": {"groups": ["A"]}}
    plane.run("r1", "INCREMENTAL")
    plane.policy = dict(POLICY)
    plane.epoch += 1
    plane.on_step = once("sealed")
    with pytest.raises(Crash):
        plane.call(plane.context("r2", "INCREMENTAL"), checkpoint=plane.checkpoint)
    plane.run("r3", "INCREMENTAL")
    assert ids(plane) == list(range(7))


@pytest.mark.parametrize(
    ("before", "now", "added"),
    [
        (None, None, ()),
        (None, ("A",), ()),
        (("A",), ("A",), ()),
        (("A", "B"), ("A",), ()),
        (("A",), ("A", "B"), ("B",)),
        (("A",), ("B", "C"), ("B", "C")),
        (("A",), None, None),
    ],
)
def test_what_a_scope_adds(before: Any, now: Any, added: Any) -> None:
    assert added_to(before, now) == added


def once(step: str) -> Callable[[str], None]:
    left = [step]

    def crash(reached: str) -> None:
        if left and reached == step:
            left.clear()
            raise Crash(step)

    return crash
