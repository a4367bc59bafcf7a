from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError, RateLimitedError
from inlet_sdk.ports.census import CensusUnfinished, Finding
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import Row, SourceBatch, SourceWarning
from inlet_worker.pipeline import slice_facts
from inlet_worker.pipeline.census_state import HOUR_MS

from .censused_source import CensusedSource
from .control_plane import POLICY, ControlPlane, Crash
from .listed_source import a_record

STEPS = ["sealed", "pending", "checked", "planned", "written", "committed"]


@pytest.fixture
def source() -> CensusedSource:
    return CensusedSource([a_record(n, 1000 + n) for n in range(7)], page=50)


def a_plane(source: CensusedSource, place: Path, **policy: Any) -> ControlPlane:
    return ControlPlane(source, place, policy={**POLICY, **policy})


def live(plane: ControlPlane) -> list[int]:
    table = plane.sink()._catalog.load_table(("list", "things")).scan().to_arrow().to_pylist()
    return sorted(int(row["id"]) for row in table if row["_deleted_at"] is None)


def test_deletes_become_a_slice_of_their_own(source: CensusedSource, tmp_path: Path) -> None:
    plane = a_plane(source, tmp_path, deletes="soft")
    plane.run("r1", "INCREMENTAL")
    del source.records[2:4]
    read, census = plane.run("r2", "INCREMENTAL")
    assert (read.done, census.done, census.stats["deleted"], census.stats["read"]) == (
        False,
        True,
        2,
        0,
    )
    assert live(plane) == [0, 1, 4, 5, 6]
    source.records.insert(2, a_record(2, 900))
    plane.run("r3", "FULL")
    assert live(plane) == [0, 1, 2, 4, 5, 6]


def test_a_policy_that_ignores_deletes_only_speaks(source: CensusedSource, tmp_path: Path) -> None:
    plane = a_plane(source, tmp_path)
    source.findings = (Finding("CENSUS_OK", "All is there."),)
    (first,) = plane.run("r1", "INCREMENTAL")
    assert [e.code for e in first.evidence] == ["CENSUS_OK"] and first.stats["requests"] == 1
    del source.records[2:4]
    plane.run("r2", "INCREMENTAL")
    assert live(plane) == list(range(7)) and not source.orders[-1].due


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_of_the_census_buries_each_record_once(
    source: CensusedSource, tmp_path: Path, step: str
) -> None:
    plane = a_plane(source, tmp_path, deletes="soft")
    plane.run("r1", "INCREMENTAL")
    del source.records[2:4]
    crashes = ["of the census", "of the reading"]

    def crash(reached: str) -> None:
        in_census = len(source.orders) == 2
        if crashes and reached == step and in_census == (len(crashes) == 1):
            raise Crash(crashes.pop())

    plane.on_step = crash
    results = plane.run("r2", "INCREMENTAL")
    assert not crashes and live(plane) == [0, 1, 4, 5, 6]
    assert results[-1].stats["deleted"] == 2 and plane.checkpoint == results[-1].new_checkpoint


def test_too_many_deletes_are_held_until_a_person_approves(
    source: CensusedSource, tmp_path: Path
) -> None:
    source.records = [a_record(n, 1000 + n) for n in range(300)]
    plane = a_plane(source, tmp_path, deletes="hard")
    plane.run("r1", "INCREMENTAL")
    del source.records[:101]
    held = plane.run("r2", "INCREMENTAL")[-1]
    assert [(e.code, e.weight) for e in held.evidence] == [("DELETES_HELD", "suspicious")] and len(
        live(plane)
    ) == 300
    plane.policy["approveDeletes"] = True
    assert plane.run("r3", "INCREMENTAL")[-1].stats["deleted"] == 101
    assert source.orders[-1].uncertain and live(plane) == list(range(101, 300))


def test_a_run_that_ends_before_its_census_leaves_it_owing(
    source: CensusedSource, tmp_path: Path
) -> None:
    plane = a_plane(source, tmp_path, deletes="soft")
    plane.run("r1", "INCREMENTAL")
    plane.epoch += 1
    read = plane.call(plane.context("r2", "INCREMENTAL"), checkpoint=plane.checkpoint)
    plane.checkpoint = read.new_checkpoint
    plane.run("r3", "INCREMENTAL")
    assert [(o.due, o.uncertain) for o in source.orders] == [(True, False), (True, True)]


class ListingSource(CensusedSource):
    """Each batch is told to hold all records of a parent of its own."""

    def _pages(
        self, records: list[dict[str, Any]], context: IngestionContext, since: int
    ) -> Iterator[SourceBatch]:
        for number, batch in enumerate(super()._pages(records, context, since)):
            keys = [row["id"] for row in cast("list[Row]", batch.rows)]
            yield replace(batch, listed={f"p{number}": keys})


@pytest.mark.parametrize("most", [5, 6])
def test_more_lists_than_are_remembered_have_every_record_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(slice_facts, "MOST_LISTED", most)
    source = ListingSource([a_record(n, 1000) for n in range(6)])
    plane = a_plane(source, tmp_path, deletes="soft")
    plane.run("r1", "INCREMENTAL")
    plane.run("r2", "INCREMENTAL")

    order, lists = source.orders[-1], {"p0": ["0", "1"], "p1": ["2", "3"], "p2": ["4", "5"]}
    assert order.listed == (lists if most == 6 else {})
    assert order.due == order.uncertain == (most == 5)


def test_a_census_comes_round_by_its_cadence(source: CensusedSource, tmp_path: Path) -> None:
    plane = a_plane(source, tmp_path, censusEveryHours=2)
    for hour in range(5):
        plane.epoch = (hour + 1) * HOUR_MS - 1
        plane.run(f"r{hour}", "INCREMENTAL")
    assert [order.due for order in source.orders] == [True, False, True, False, True]


def test_doubts_stand_until_a_census_clears_them(source: CensusedSource, tmp_path: Path) -> None:
    plane = a_plane(source, tmp_path)
    source.findings = (Finding("INVISIBLE", "One project is hidden.", "partial"),)
    plane.run("r1", "INCREMENTAL")
    source.before_census = _unfinished
    (unsure,) = plane.run("r2", "INCREMENTAL")
    assert [e.code for e in unsure.evidence] == ["CENSUS_UNFINISHED", "INVISIBLE"]
    source.before_census, source.findings = lambda: None, ()
    (clear,) = plane.run("r3", "INCREMENTAL")
    assert clear.evidence == () and source.orders[-1].due


def test_a_comparison_that_never_ends_leaves_no_run_complete(
    source: CensusedSource, tmp_path: Path
) -> None:
    """One that fails once after others have come to their end is no gap."""
    plane = a_plane(source, tmp_path, censusEveryHours=1)
    day = 24 * HOUR_MS

    def weight_of(hours: int) -> str:
        plane.epoch = hours * HOUR_MS
        (result,) = plane.run(f"r{hours}", "INCREMENTAL")
        return next((e.weight for e in result.evidence if e.code == "CENSUS_UNFINISHED"), "none")

    source.before_census = _unfinished
    assert weight_of(1) == "partial"
    source.before_census = lambda: None
    assert weight_of(2) == "none"
    source.before_census = _unfinished
    assert [weight_of(hours) for hours in (4, 49, 2 + 2 * day // HOUR_MS)] == [
        "info",
        "info",
        "partial",
    ]


def test_a_rate_limit_in_the_census_waits_and_goes_on(
    source: CensusedSource, tmp_path: Path
) -> None:
    plane = a_plane(source, tmp_path, deletes="soft")
    plane.epoch = 1
    read = plane.call(plane.context("r1", "INCREMENTAL"))
    source.before_census = _limited
    waits = plane.call(plane.context("r1", "INCREMENTAL", slice=1, continuation=read.resume))
    assert (waits.outcome, waits.done) == ("WAIT", False)
    source.before_census = lambda: None
    assert plane.call(plane.context("r1", "INCREMENTAL", slice=2, continuation=waits.resume)).done


def test_an_incomplete_full_reading_removes_nothing(source: CensusedSource, tmp_path: Path) -> None:
    plane = a_plane(source, tmp_path)
    plane.run("r1", "FULL")
    del source.records[2:]
    source.warnings = (SourceWarning("PROJECT_FORBIDDEN", "One project is hidden.", partial=True),)
    plane.run("r2", "FULL")
    assert live(plane) == list(range(7))


@pytest.mark.parametrize("deletes", ["ignore", "soft", "hard"])
def test_a_full_run_that_reads_less_says_how_much_and_never_that_all_is_there(
    source: CensusedSource, tmp_path: Path, deletes: str
) -> None:
    plane = a_plane(source, tmp_path, deletes=deletes)
    plane.run("r1", "FULL")
    source.findings = (Finding("CENSUS_OK", "All is there."),)
    del source.records[4:]
    source.shown = range(7)  # asked by id, the site has all of them
    last = plane.run("r2", "FULL")[-1]
    told = [(e.code, e.weight) for e in last.evidence]
    assert told == [("LISTED_LESS", "partial")] and live(plane) == list(range(7))
    assert last.evidence[0].message.startswith("3 of 7 landed records")


def test_a_full_run_whose_absences_are_all_proven_is_no_gap(
    source: CensusedSource, tmp_path: Path
) -> None:
    plane = a_plane(source, tmp_path, deletes="soft")
    plane.run("r1", "FULL")
    del source.records[4:]
    read, census = plane.run("r2", "FULL")
    assert (*read.evidence, *census.evidence) == () and census.stats["deleted"] == 3
    assert live(plane) == [0, 1, 2, 3]


def test_what_a_full_reading_does_not_hand_on_is_named_to_the_census(
    source: CensusedSource, tmp_path: Path
) -> None:
    plane = a_plane(source, tmp_path, deletes="soft")
    plane.run("r1", "FULL")
    plane.run("r2", "INCREMENTAL")
    del source.records[4:]
    plane.run("r3", "FULL")
    source.warnings = (SourceWarning("PROJECT_FORBIDDEN", "One project is hidden.", partial=True),)
    plane.run("r4", "FULL")
    first, incremental, full, not_whole = [order.absent for order in source.orders]
    assert first is not None and len(first.keys) == 0 and first.landed == 7
    assert incremental is None and not_whole is None
    assert full is not None and sorted(full.keys.to_pylist()) == ["4", "5", "6"]


def _unfinished() -> None:
    raise CensusUnfinished("No time was left.")


def _limited() -> None:
    raise RateLimitedError("Wait.", resume_at=datetime(2030, 1, 1, tzinfo=UTC), reason="burst")


def test_a_sink_that_cannot_delete_is_refused_before_anything_is_read(
    source: CensusedSource, tmp_path: Path
) -> None:
    plane = a_plane(source, tmp_path, deletes="soft")
    sink = plane.sink()
    object.__setattr__(sink, "descriptor", replace(sink.descriptor, deletes=()))
    plane.sink = lambda: sink  # type: ignore[method-assign]
    with pytest.raises(FatalError) as raised:
        plane.run("r1", "INCREMENTAL")
    assert raised.value.code == "CONFIG_INVALID" and source.pages_read == 0


@pytest.mark.parametrize("deletes", ["ignore", "soft"])
def test_thousands_of_projects_hidden_at_once_are_ten_findings_and_a_count(
    source: CensusedSource, tmp_path: Path, deletes: str
) -> None:
    plane = a_plane(source, tmp_path, deletes=deletes)
    source.findings = tuple(
        Finding("INVISIBLE", f"Project P{n} is hidden.", "partial") for n in range(2500)
    )
    for run in ("r1", "r2"):
        last = plane.run(run, "INCREMENTAL")[-1]
        hidden = [e for e in last.evidence if e.code == "INVISIBLE"]
        assert len(hidden) == 11 and sum(e.more or 1 for e in hidden) == 2500
    assert plane.checkpoint is not None and len(json.dumps(plane.checkpoint)) < 10_000


RUNS = st.lists(
    st.tuples(st.sampled_from(["FULL", "INCREMENTAL"]), st.integers(0, 260), st.integers(0, 260)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=8, deadline=None)
@given(runs=RUNS, deletes=st.sampled_from(["ignore", "soft", "hard"]))
def test_no_run_buries_more_than_the_bound_unasked_whatever_is_listed_and_denied(
    runs: list[tuple[str, int, int]], deletes: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`listed` records are read, and all but `there` are denied when they are asked for."""
    source = CensusedSource([a_record(n, 1000 + n) for n in range(260)], page=300)
    plane = a_plane(source, tmp_path_factory.mktemp("lake"), deletes=deletes)
    plane.run("r0", "FULL")
    for number, (mode, listed, there) in enumerate(runs):
        before = set(live(plane))
        source.records, source.shown = source.records[:listed], range(there)
        results = plane.run(f"r{number + 1}", mode)
        gone = before - set(live(plane))
        assert len(gone) <= (0 if deletes == "ignore" else max(100, 0.05 * len(before)))
        assert not gone & set(range(there))
        missed = set(live(plane)) - {int(record["id"]) for record in source.records}
        heavy = {e.weight for result in results for e in result.evidence} - {"info"}
        assert not (mode == "FULL" and missed) or heavy
