"""Windows of `policy.mergeEveryMinutes`: readings of one run that wait for one commit."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import obstore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.census import Finding
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_worker.pipeline import read_slice

from .censused_source import CensusedSource
from .control_plane import ControlPlane, Crash, reached
from .listed_source import ListedSource, a_record
from .sited_source import SitedSource

PAST = datetime(2000, 1, 1, tzinfo=UTC)
STEPS = ("sealed", "pending", "checked", "planned", "written", "committed")


@dataclass
class Window:
    """A run as the workflow drives it while its window is open."""

    plane: ControlPlane
    run_id: str
    results: list[IngestionUnitResult] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plane.epoch += 1
        self.planned = self.plane.checkpoint

    def slice(self, only: Any = None, **changes: Any) -> IngestionUnitResult:
        resume = self.results[-1].resume if self.results else None
        context = self.plane.context(
            self.run_id,
            "INCREMENTAL",
            slice=len(self.results),
            continuation=resume,
            only=only,
            **changes,
        )
        result = self.plane.retried(context, self.planned)
        if result.outcome == "COMMITTED" and result.new_checkpoint is not None:
            self.plane.checkpoint = result.new_checkpoint
        self.results.append(result)
        return result

    def stage(self, **changes: Any) -> None:
        """One reading, however many slices it takes."""
        while self.slice("STAGE", **changes).outcome != "STAGED":
            assert not self.results[-1].done

    def end(self, only: Any = None, **changes: Any) -> None:
        while not self.slice(only, **changes).done:
            only = None if only == "LAND" else only

    def sum_of(self, figure: str) -> int:
        return sum(result.stats[figure] for result in self.results)  # type: ignore[literal-required]


def things(count: int) -> list[dict[str, Any]]:
    return [a_record(n, 1000 + n) for n in range(count)]


def snapshots(plane: ControlPlane) -> int:
    return len(plane.sink()._catalog.load_table(("list", "things")).snapshots())


def staged(plane: ControlPlane) -> list[str]:
    return [entry["path"] for page in obstore.list(plane.staging.store, "stg") for entry in page]


@pytest.fixture
def plane(tmp_path: Path) -> ControlPlane:
    plane = ControlPlane(ListedSource(things(7)), tmp_path)
    plane.run("r0", "INCREMENTAL")
    return plane


def test_readings_wait_and_land_with_one_commit(plane: ControlPlane) -> None:
    before, rows, commits = plane.checkpoint, plane.rows(), snapshots(plane)
    window = Window(plane, "r1")
    plane.source.records.append(a_record(7, 2000))
    window.stage()
    plane.source.records[7] = a_record(7, 3000, "changed")
    plane.source.records.append(a_record(8, 3001))
    window.stage()
    assert (plane.checkpoint, plane.rows(), snapshots(plane)) == (before, rows, commits)
    assert window.sum_of("read") == 0

    plane.source.records.append(a_record(9, 4000))
    window.end()
    last = window.results[-1]
    assert [r.outcome for r in window.results] == ["STAGED", "STAGED", "COMMITTED"]
    assert plane.rows() == {r["id"]: (r["updated"], r["title"]) for r in plane.source.records}
    assert snapshots(plane) == commits + 1 and staged(plane) == []
    assert reached(plane.checkpoint) == {"cursor": {"position": 4000}, "position": 4000}
    # Each reading begins with the last record before it, as far as it is still so old.
    assert (last.stats["read"], last.stats["inserted"], last.stats["deduplicated"]) == (6, 3, 3)


def test_what_is_staged_lands_without_another_reading(plane: ControlPlane) -> None:
    window = Window(plane, "r1")
    plane.source.records.append(a_record(7, 2000))
    window.stage()
    pages = plane.source.pages_read
    plane.source.records.append(a_record(8, 3000))
    window.end("LAND")
    assert plane.source.pages_read == pages and "8" not in plane.rows() and "7" in plane.rows()
    assert reached(plane.checkpoint) == {"cursor": {"position": 2000}, "position": 2000}
    plane.run("r2", "INCREMENTAL")
    assert "8" in plane.rows()


def test_a_window_that_reads_nothing_new_leaves_no_trace(plane: ControlPlane) -> None:
    plane.source.records = []
    before, commits = plane.checkpoint, snapshots(plane)
    window = Window(plane, "r1")
    window.stage()
    window.end("LAND")
    assert (plane.checkpoint, snapshots(plane)) == (before, commits)
    assert window.results[-1].receipt is None and staged(plane) == []


def test_what_waits_lands_early_when_it_is_as_much_as_a_slice(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_slice, "SLICE_ROWS", 4)
    window = Window(plane, "r1")
    plane.source.records.append(a_record(7, 2000))
    assert window.slice("STAGE").outcome == "STAGED"
    plane.source.records.append(a_record(8, 3000))
    early = window.slice("STAGE")
    assert (early.outcome, early.done, early.stats["read"]) == ("COMMITTED", True, 4)
    assert {"7", "8"} <= plane.rows().keys()


def test_a_window_that_lands_early_goes_on_from_there(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_slice, "SLICE_ROWS", 3)
    window = Window(plane, "r1")
    plane.source.records += [a_record(n, 2000 + n) for n in range(7, 14)]
    window.stage(deadline=PAST)
    outcomes = [r.outcome for r in window.results]
    assert outcomes == ["CONTINUE", "COMMITTED", "CONTINUE", "COMMITTED", "STAGED"]
    plane.source.records.append(a_record(14, 5000))
    window.end()
    assert plane.rows() == {r["id"]: (r["updated"], r["title"]) for r in plane.source.records}
    assert window.sum_of("read") == window.sum_of("landed") + window.sum_of("deduplicated")


def test_a_window_that_is_dropped_leaves_everything_as_it_was(plane: ControlPlane) -> None:
    before, rows = plane.checkpoint, plane.rows()
    window = Window(plane, "r1")
    plane.source.records.append(a_record(7, 2000))
    window.stage()
    plane.staging.sweep(lambda tenant, run: False)
    assert (plane.checkpoint, plane.rows()) == (before, rows)
    (again,) = plane.run("r2", "INCREMENTAL")
    assert again.stats["inserted"] == 1 and "7" in plane.rows()


def test_an_ousted_window_lands_nothing(plane: ControlPlane) -> None:
    window = Window(plane, "r1")
    plane.source.records.append(a_record(7, 2000))
    window.stage()
    mine = plane.epoch
    plane.run("r2", "INCREMENTAL")
    before, rows = plane.checkpoint, plane.rows()
    plane.epoch = mine
    with pytest.raises(FatalError) as refused:
        window.slice()
    assert refused.value.code == "FENCED"
    assert (plane.checkpoint, plane.rows()) == (before, rows)


def test_a_window_that_has_landed_early_goes_on_from_what_it_published(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_slice, "SLICE_ROWS", 4)
    plane.source.page = 4
    window = Window(plane, "r1")
    plane.source.records.append(a_record(7, 2000))
    window.stage()
    plane.source.records += [a_record(n, 3000 + n) for n in range(8, 16)]
    early = window.slice("STAGE", deadline=PAST)
    assert (early.outcome, early.done) == ("COMMITTED", False)
    published = reached(plane.checkpoint)
    # A slice that reads nothing names no cursor.
    window.end("LAND")
    assert reached(plane.checkpoint) == published


def test_a_window_lands_in_the_middle_of_a_reading_and_the_next_run_reads_the_rest(
    plane: ControlPlane,
) -> None:
    window = Window(plane, "r1")
    plane.source.records.append(a_record(7, 2000))
    window.stage()
    plane.source.records += [a_record(n, 3000 + n) for n in range(8, 14)]
    assert window.slice("STAGE", deadline=PAST).outcome == "CONTINUE"
    window.end("LAND")
    assert "7" in plane.rows() and "13" not in plane.rows()
    plane.run("r2", "INCREMENTAL")
    assert plane.rows() == {r["id"]: (r["updated"], r["title"]) for r in plane.source.records}


@pytest.mark.parametrize("only", [None, "STAGE", "LAND"])
@pytest.mark.parametrize("made_again", [False, True])
def test_a_window_whose_table_is_gone_ends_and_the_next_run_starts_from_nothing(
    plane: ControlPlane, only: Any, made_again: bool
) -> None:
    window = Window(plane, "r1")
    plane.source.records.append(a_record(7, 2000))
    window.stage()
    before, catalog = plane.checkpoint, plane.sink()._catalog
    schema = catalog.load_table(("list", "things")).schema()
    catalog.drop_table(("list", "things"))
    if made_again:
        catalog.create_table(("list", "things"), schema)

    with pytest.raises(FatalError) as ended:
        window.slice(only)
    assert ended.value.code == "SINK_REJECTED" and not ended.value.retryable
    assert plane.checkpoint == before and staged(plane) == []
    (again,) = plane.run("r2", "INCREMENTAL")
    assert [e.code for e in again.evidence] == ["TARGET_GONE"] and len(plane.rows()) == 8


@pytest.mark.parametrize("known", [{"siteId": "one"}, {}], ids=["known", "named first within it"])
def test_each_reading_of_a_window_asks_the_source_who_it_is(
    tmp_path: Path, known: dict[str, str]
) -> None:
    source = SitedSource(things(3), page=50, ids=known)
    plane = ControlPlane(source, tmp_path)
    plane.run("r0", "INCREMENTAL")
    source.ids = {"siteId": "one"}
    window = Window(plane, "r1")
    window.stage()
    window.stage()
    assert len(source.asked) == 3

    source.ids, pages = {"siteId": "two"}, source.pages_read
    with pytest.raises(FatalError) as refused:
        window.slice("STAGE")
    assert refused.value.code == "SOURCE_CHANGED" and source.pages_read == pages


def test_a_window_that_only_lands_does_not_ask_the_source_who_it_is(tmp_path: Path) -> None:
    source = SitedSource(things(3), page=50)
    plane = ControlPlane(source, tmp_path)
    plane.run("r0", "INCREMENTAL")
    window = Window(plane, "r1")
    source.records.append(a_record(7, 2000))
    window.stage()
    asked, known = len(source.asked), identity_of(plane)
    window.end("LAND")
    assert len(source.asked) == asked and identity_of(plane) == known and "7" in plane.rows()


@pytest.mark.parametrize("step", STEPS)
def test_a_window_that_is_killed_at_any_step_lands_all_of_it_once(
    plane: ControlPlane, step: str
) -> None:
    killed: list[str] = []

    def kill_once(heard: str) -> None:
        if heard == step and not killed:
            killed.append(heard)
            raise Crash(heard)

    commits = snapshots(plane)
    window = Window(plane, "r1")
    plane.source.records.append(a_record(7, 2000))
    window.stage()
    plane.source.records.append(a_record(8, 3000))
    pages = plane.source.pages_read
    plane.on_step = kill_once
    window.end()
    assert killed and plane.source.pages_read == pages + 1
    assert {"7", "8"} <= plane.rows().keys() and snapshots(plane) == commits + 1


def test_a_census_is_taken_when_the_window_lands_and_not_before(tmp_path: Path) -> None:
    source = CensusedSource(things(5))
    plane = ControlPlane(source, tmp_path)
    plane.policy |= {"deletes": "soft", "censusEveryHours": 0}
    plane.run("r0", "INCREMENTAL")
    asked = len(source.orders)

    window = Window(plane, "r1")
    source.records = source.records[1:]
    window.stage()
    window.stage()
    assert len(source.orders) == asked
    window.end()
    assert len(source.orders) == asked + 1
    assert window.results[-1].stats["deleted"] == 1


def test_a_window_that_only_lands_leaves_its_census_to_the_next_run(tmp_path: Path) -> None:
    source = CensusedSource(things(5))
    plane = ControlPlane(source, tmp_path)
    plane.policy |= {"deletes": "soft"}
    plane.run("r0", "INCREMENTAL")
    asked = len(source.orders)

    window = Window(plane, "r1")
    source.records = [*source.records[1:], a_record(9, 2000)]
    window.stage()
    window.end("LAND")
    assert len(source.orders) == asked
    plane.run("r2", "INCREMENTAL")
    assert len(source.orders) == asked + 1 and source.orders[-1].due


def test_a_reading_that_asks_for_a_census_gets_it_when_the_window_lands(tmp_path: Path) -> None:
    source = CensusedSource(things(5))
    plane = ControlPlane(source, tmp_path)
    plane.run("r0", "INCREMENTAL")
    source.findings = (Finding("CENSUS_OK", "All is there.", "info"),)

    window = Window(plane, "r1")
    source.warnings = (SourceWarning("CENSUS_NEEDED", "Something is odd.", partial=False),)
    window.stage()
    source.warnings = ()
    window.end()
    assert source.orders[-1].due


@pytest.mark.parametrize("deletes", ["ignore", "soft"])
def test_a_census_that_a_reading_asked_for_outlives_a_window_that_only_lands(
    tmp_path: Path, deletes: str
) -> None:
    source = CensusedSource(things(5))
    plane = ControlPlane(source, tmp_path)
    plane.policy |= {"deletes": deletes}
    plane.run("r0", "INCREMENTAL")

    window = Window(plane, "r1")
    source.records.append(a_record(9, 2000))
    source.warnings = (SourceWarning("CENSUS_NEEDED", "Something is odd.", partial=False),)
    window.stage()
    source.warnings = ()
    asked = len(source.orders)
    window.end("LAND")
    assert len(source.orders) == asked
    plane.run("r2", "INCREMENTAL")
    assert source.orders[-1].due and len(source.orders) == asked + 1
    plane.run("r3", "INCREMENTAL")
    assert not source.orders[-1].due


def shown(plane: ControlPlane) -> dict[str, tuple[int, str, bool]]:
    """What has landed of each key, and whether it is a tombstone."""
    table = plane.sink()._catalog.load_table(("list", "things")).scan().to_arrow()
    return {
        row["id"]: (
            round(row["updated"].timestamp() * 1000),
            row["title"],
            row["_deleted_at"] is None,
        )
        for row in table.to_pylist()
    }


Title = st.one_of(st.text(max_size=2), st.just({"odd": 1}))
Edit = st.tuples(st.integers(0, 6), st.one_of(st.none(), Title))
Reading = st.tuples(st.booleans(), st.lists(Edit, max_size=4))
Windows = st.lists(st.lists(Reading, min_size=1, max_size=3), min_size=1, max_size=2)


@settings(max_examples=10, deadline=None)
@given(windows=Windows, kills=st.sets(st.integers(0, 60)))
def test_windows_leave_what_landing_each_reading_does(
    windows: list[list[tuple[bool, list[tuple[int, Any]]]]], kills: set[int]
) -> None:
    """Kills at any step; records that are edited, set aside, deleted and made again."""
    with tempfile.TemporaryDirectory() as folder:
        at_once, apart = (a_plane(Path(folder) / name) for name in ("at-once", "apart"))
        at_once.on_step = killing(kills)
        clock = 1000

        for number, readings in enumerate(windows):
            window = Window(at_once, f"w{number}")
            each: list[IngestionUnitResult] = []
            for nth, (short, edits) in enumerate(readings):
                clock = edit(at_once.source, edits, clock)
                apart.source.records = list(at_once.source.records)
                cut = {"deadline": PAST} if short else {}
                is_last = nth == len(readings) - 1
                window.end(**cut) if is_last else window.stage(**cut)
                each += apart.run(f"w{number}-{nth}", "INCREMENTAL", **cut)

            assert shown(at_once) == shown(apart)
            assert reached(at_once.checkpoint) == reached(apart.checkpoint)
            assert kept_of(at_once) == kept_of(apart)
            for figure in ("read", "quarantined"):
                assert window.sum_of(figure) == sum(r.stats[figure] for r in each)  # type: ignore[literal-required]
            parts = [window.sum_of(name) for name in ("landed", "deduplicated", "quarantined")]
            assert window.sum_of("read") == sum(parts) and staged(at_once) == []


def a_plane(place: Path) -> ControlPlane:
    plane = ControlPlane(CensusedSource([a_record(100, 1)]), place)
    place.mkdir()
    plane.policy |= {"deletes": "soft", "censusEveryHours": 0}
    plane.run("r0", "INCREMENTAL")
    return plane


def edit(source: ListedSource, edits: list[tuple[int, Any]], clock: int) -> int:
    """None deletes a record."""
    for key, title in edits:
        clock += 1
        source.records = [r for r in source.records if r["id"] != str(key)]
        if title is not None:
            source.records.append(a_record(key, clock, title))
    return clock


def killing(kills: set[int]) -> Callable[[str], None]:
    steps = iter(range(10_000))

    def crash(step: str) -> None:
        if next(steps) in kills:
            raise Crash(step)

    return crash


def identity_of(plane: ControlPlane) -> Any:
    assert plane.checkpoint is not None
    return plane.checkpoint["cursor"]["identity"]


def kept_of(plane: ControlPlane) -> set[str]:
    """Records in quarantine by the checkpoint, whichever run set them aside."""
    assert plane.checkpoint is not None
    records = (plane.checkpoint["cursor"].get("quarantine") or {}).get("records") or {}
    return {one.split(":", 1)[0] for named in records.values() for one in named}
