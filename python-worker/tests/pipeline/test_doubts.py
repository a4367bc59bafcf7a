"""What a listing says against itself reaches the run, whatever path it takes, and weighs on what
the run may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.census import CensusOrder, CensusReport, CensusUnfinished, LandedRows
from inlet_sdk.ports.doubts import UNEXPECTED_RESPONSE
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.source_endpoint import SourceBatch

from .censused_source import CensusedSource
from .control_plane import POLICY, ControlPlane
from .listed_source import ListedSource, a_record

PAST = datetime(2000, 1, 1, tzinfo=UTC)
WORDS = "The source's list of things ends with an error."
THINGS = [a_record(n, 1000 + n) for n in range(7)]


@dataclass
class DoubtedSource(ListedSource):
    """Its listing contradicts itself, and none of its batches says so."""

    def read_full(
        self, unit_id: str, policy: Policy, context: IngestionContext
    ) -> Iterator[SourceBatch]:
        yield from super().read_full(unit_id, policy, context)
        context.doubts.add(WORDS)


def weights(plane: ControlPlane, mode: str) -> dict[str, str]:
    *_, last = plane.run("r1", mode)
    return {evidence.code: evidence.weight for evidence in last.evidence}


def test_a_doubt_of_a_reading_makes_the_run_partial_and_removes_no_row(tmp_path: Path) -> None:
    plane = ControlPlane(ListedSource(list(THINGS)), tmp_path)
    plane.run("r0", "FULL")
    plane.source = DoubtedSource(THINGS[:3])
    assert weights(plane, "FULL")[UNEXPECTED_RESPONSE] == "partial"
    assert len(plane.rows()) == 7


@dataclass
class DoubtedCensus(CensusedSource):
    doubts: bool = False
    fails: bool = False

    def census(
        self,
        unit_id: str,
        policy: Policy,
        order: CensusOrder,
        landed: LandedRows,
        context: IngestionContext,
    ) -> CensusReport:
        if self.doubts:
            context.doubts.add(WORDS)
        if self.fails:
            raise CensusUnfinished("The list is not whole.")
        return super().census(unit_id, policy, order, landed, context)


@pytest.mark.parametrize("fails", [False, True])
def test_a_census_whose_lists_are_doubted_compares_nothing(tmp_path: Path, fails: bool) -> None:
    source = DoubtedCensus(list(THINGS), page=50)
    plane = ControlPlane(source, tmp_path, policy={**POLICY, "deletes": "soft"})
    plane.run("r0", "INCREMENTAL")

    del source.records[2:4]
    source.doubts, source.fails = True, fails
    *_, last = plane.run("r1", "INCREMENTAL")
    said = {evidence.code: evidence.weight for evidence in last.evidence}
    assert said["CENSUS_UNFINISHED"] == "partial" and "CENSUS_OK" not in said
    assert last.stats["deleted"] == 0


@dataclass
class QuietSource(ListedSource):
    """Endless batches without a record, each from another place."""

    def read_full(
        self, unit_id: str, policy: Policy, context: IngestionContext
    ) -> Iterator[SourceBatch]:
        at = (context.continuation or {}).get("offset", 0)
        while True:
            at += 1
            yield SourceBatch([], {"offset": at})


def test_a_reading_without_news_looks_at_the_time(tmp_path: Path) -> None:
    plane = ControlPlane(QuietSource([]), tmp_path)
    first = plane.call(plane.context("r1", "FULL", deadline=PAST))
    assert (first.outcome, first.done) == ("CONTINUE", False)


@dataclass
class FaultySource(ListedSource):
    def read_full(
        self, unit_id: str, policy: Policy, context: IngestionContext
    ) -> Iterator[SourceBatch]:
        raise OverflowError("planted")


def test_a_fault_of_ours_ends_the_run_at_once_and_is_named(tmp_path: Path) -> None:
    with pytest.raises(FatalError) as failed:
        ControlPlane(FaultySource([]), tmp_path).run("r1", "FULL")
    assert failed.value.code == "INTERNAL" and "OverflowError" in failed.value.message
    assert "planted" not in failed.value.message
