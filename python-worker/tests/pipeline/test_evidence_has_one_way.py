"""A warning that a source gives with any page is evidence of the run, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.source_endpoint import SourceBatch, SourceWarning

from .censused_source import CensusedSource
from .control_plane import POLICY, ControlPlane, Crash
from .landing_again import replay, retained
from .listed_source import a_record

PAST = datetime.now(UTC) - timedelta(hours=1)
SAID = SourceWarning("PROJECT_FORBIDDEN", "The third page lacks a project.", partial=True)
STEPS = ["sealed", "pending", "committed"]


@dataclass
class WarningSource(CensusedSource):
    """Warns with one of its pages, counted from the start of the list; `entities` are there."""

    warns_at: int = 0

    def _pages(self, *given: Any) -> Iterator[SourceBatch]:
        for batch in super()._pages(*given):
            at = batch.resume["offset"] // self.page - 1
            yield replace(batch, warnings=[SAID] if at == self.warns_at else [])

    def entity_map(self, unit_id: str) -> EntityMap | None:
        return EntityMap("entity.thing", "id", {"name": "title"})


class WithoutCensus(WarningSource):
    def has_census(self, unit_id: str) -> bool:
        return False


def a_plane(place: Path, source: WarningSource, **policy: Any) -> ControlPlane:
    return ControlPlane(source, place, policy={**POLICY, **policy})


def seven(kind: type[WarningSource] = WarningSource, at: int = 2, count: int = 7) -> WarningSource:
    return kind([a_record(n, 1000 + n) for n in range(count)], page=2, warns_at=at)


def said(results: Sequence[IngestionUnitResult]) -> list[str]:
    """What the slices of a run say, as the control plane gathers it."""
    return sorted({e.message for one in results for e in one.evidence if e.weight == "partial"})


def handed_over(plane: ControlPlane) -> list[IngestionUnitResult]:
    plane.epoch = 1
    return [plane.call(plane.context("r1", "INCREMENTAL"), sink=None)]


def handed_over_in_slices(plane: ControlPlane) -> list[IngestionUnitResult]:
    plane.epoch, results, resume = 1, [], None
    while not results or not results[-1].done:
        context = plane.context(
            "r1", "FULL", slice=len(results), continuation=resume, deadline=PAST
        )
        results.append(plane.call(context, sink=None))
        resume = results[-1].resume
    return results


def told_to_wait(plane: ControlPlane) -> list[IngestionUnitResult]:
    """The vendor says wait after the page that warned."""
    plane.epoch = 1
    plane.source.limited_after = 3
    first = plane.call(plane.context("r1", "FULL"))
    plane.source.limited_after = None
    on = plane.context("r1", "FULL", slice=1, continuation=first.resume)
    return [first, plane.call(on)]


Run = Callable[[ControlPlane], list[IngestionUnitResult]]
PATHS: dict[str, Run] = {
    "in full": lambda plane: plane.run("r1", "FULL"),
    "by change": lambda plane: plane.run("r1", "INCREMENTAL"),
    "in full, cut after each page": lambda plane: plane.run("r1", "FULL", deadline=PAST),
    "by change, cut after each page": lambda plane: plane.run("r1", "INCREMENTAL", deadline=PAST),
    "handed over": handed_over,
    "handed over, cut after each page": handed_over_in_slices,
    "told to wait": told_to_wait,
}


@pytest.mark.parametrize("deletes", ["ignore", "soft"])
@pytest.mark.parametrize("kind", [WarningSource, WithoutCensus])
@pytest.mark.parametrize("path", PATHS)
def test_a_warning_reaches_the_run_on_every_path(
    tmp_path: Path, path: str, kind: type[WarningSource], deletes: str
) -> None:
    plane = a_plane(tmp_path, seven(kind), deletes=deletes)
    assert said(PATHS[path](plane)) == [SAID.message]


@pytest.mark.parametrize("mode", ["FULL", "INCREMENTAL"])
def test_an_empty_page_warns_as_well(tmp_path: Path, mode: Any) -> None:
    plane = a_plane(tmp_path, seven(at=0, count=0))
    assert said(plane.run("r1", mode)) == [SAID.message]
    plane.source.records = [a_record(1, 1001)]
    assert said(plane.run("r2", mode)) == [SAID.message]


def test_a_run_that_reads_nothing_new_warns_as_well(tmp_path: Path) -> None:
    plane = a_plane(tmp_path, seven(at=99))
    assert said(plane.run("r1", "INCREMENTAL")) == []
    plane.source.warns_at = 0
    assert said(plane.run("r2", "INCREMENTAL")) == [SAID.message]


@pytest.mark.parametrize("cut", [{}, {"deadline": PAST}], ids=["at once", "cut after each page"])
@pytest.mark.parametrize("mode", ["FULL", "INCREMENTAL"])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_loses_no_warning(
    tmp_path: Path, step: str, mode: Any, cut: dict[str, Any]
) -> None:
    """Each step is killed once in each slice."""
    plane = a_plane(tmp_path, seven(), deletes="soft")
    killed: set[int] = set()

    def crash(reached: str) -> None:
        number = plane.pending.slice if plane.pending else -1
        if reached == step and number not in killed:
            killed.add(number)
            raise Crash

    plane.on_step = crash
    assert said(plane.run("r1", mode, **cut)) == [SAID.message]
    assert killed


def test_what_a_replayed_run_missed_is_missing_from_the_replay(tmp_path: Path) -> None:
    """The staging of a run that lacked a project lacks it still."""
    for kind in (WarningSource, WithoutCensus):
        plane = a_plane(tmp_path / kind.__name__, seven(kind), retainStagingDays=3)
        first = retained(plane, "r1", "INCREMENTAL")
        assert said(replay(plane, "r2", first)) == [SAID.message]
