from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import (
    Absence,
    CensusOrder,
    CensusReport,
    CensusUnfinished,
    LandedRows,
)
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, SourceBatch, SourceWarning
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.units.census.listed_census import Denial, listed_census
from inlet_sdk.units.policy import ReadingPolicy


@dataclass
class Site:
    """Lists some records, and says of others, in two ways, that they are not there."""

    listed: Sequence[str]
    first: set[str] = field(default_factory=set)
    second: set[str] = field(default_factory=set)
    more: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, list[str]]] = field(default_factory=list)
    readings: int = 0

    def read(
        self, _: HttpEndpoint, __: ReadingPolicy, context: IngestionContext
    ) -> Iterator[SourceBatch]:
        self.readings += 1
        context.progress.requests += 1
        yield SourceBatch([{"id": key} for key in self.listed], {}, **self.more)

    def denials(self, _: HttpEndpoint, __: IngestionContext) -> Sequence[Denial]:
        def way(name: str, denied: set[str]) -> Denial:
            def of(keys: Sequence[str]) -> set[str]:
                self.asked.append((name, list(keys)))
                return denied & set(keys)

            return Denial(name, of, waived=name == "second")

        return way("first", self.first), way("second", self.second)

    def census(
        self, absent: Sequence[str] | None, landed: int = 10, *, approved: bool = False
    ) -> CensusReport:
        given = None if absent is None else Absence(pa.array(absent, pa.string()), landed)
        policy = ReadingPolicy(deletes=True, approve_deletes=approved)
        order = CensusOrder(True, False, True, None, {"kept": 1}, absent=given)
        http = cast("HttpEndpoint", None)
        rows = cast("LandedRows", None)
        self.context = a_context(mode="FULL")
        return listed_census(self.read, "id", self.denials)(http, policy, order, rows, self.context)


def keys(report: CensusReport) -> list[str]:
    return sorted(tombstone.key for tombstone in report.tombstones)


def test_what_two_listings_lack_and_each_way_denies_is_gone() -> None:
    site = Site(["a", "b"], {"c", "d"}, {"c"})
    report = site.census(["c", "d", "e"])
    assert keys(report) == ["c"] and not report.compared and report.state == {"kept": 1}
    assert report.tombstones[0].proof["deniedBy"] == ["first", "second"]
    assert site.context.progress.requests == 1 and site.context.progress.rows == 0


def test_a_record_of_the_second_listing_is_not_asked_for() -> None:
    site = Site(["a", "c"], {"c"}, {"c"})
    assert keys(site.census(["c"])) == []
    assert all("c" not in asked for _, asked in site.asked)


@pytest.mark.parametrize("way", ["first", "second"])
def test_a_way_that_denies_a_listed_record_as_well_proves_nothing(way: str) -> None:
    site = Site(["a", "b"], {"c"}, {"c"})
    getattr(site, way).update({"a", "b"})
    assert keys(site.census(["c"])) == []


def test_an_empty_listing_has_nothing_to_control_by_so_a_person_has_to_approve() -> None:
    site = Site([], {"c"}, {"c"})
    assert keys(site.census(["c"])) == [] and site.asked == []
    assert keys(site.census(["c"], approved=True)) == ["c"]


def test_an_approval_stands_for_a_waived_way_alone() -> None:
    site = Site(["a"], {"c"}, set())
    assert keys(site.census(["c", "d"], approved=True)) == ["c"]
    assert [name for name, _ in site.asked] == ["first"]


@pytest.mark.parametrize("absent", [None, []])
def test_nothing_is_asked_where_nothing_is_missed_or_the_reading_was_not_whole(
    absent: list[str] | None,
) -> None:
    site = Site(["a"], {"a"}, {"a"})
    assert site.census(absent) == CensusReport(False, state={"kept": 1})
    assert site.readings == 0 and site.asked == []


@pytest.mark.parametrize(
    "more",
    [
        {"warnings": (SourceWarning("PROJECT_FORBIDDEN", "Hidden.", partial=True),)},
        {"quarantined": (QuarantinedRecord(None, "RECORD_INVALID", "No id.", "{}"),)},
    ],
)
def test_a_second_listing_that_leaves_records_out_proves_nothing(more: dict[str, Any]) -> None:
    site = Site(["a"], {"c"}, {"c"}, more)
    with pytest.raises(CensusUnfinished):
        site.census(["c"])


def test_many_denials_are_held_before_each_is_asked_for_by_itself() -> None:
    gone = [f"g{n}" for n in range(101)]
    site = Site(["a"], set(gone), set(gone))
    report = site.census(gone, landed=200)
    assert [finding.code for finding in report.findings] == ["DELETES_HELD"]
    assert report.tombstones == () and [name for name, _ in site.asked] == ["first"]
    assert len(keys(site.census(gone, landed=200, approved=True))) == 101


KEYS = st.sets(st.integers(0, 300).map(str), max_size=300)


@given(listed=KEYS, absent=KEYS, first=KEYS, second=KEYS, landed=st.integers(0, 5000))
def test_whatever_a_site_lists_and_denies_only_proven_records_go_and_never_many(
    listed: set[str], absent: set[str], first: set[str], second: set[str], landed: int
) -> None:
    site = Site(sorted(listed), first, second)
    gone = set(keys(site.census(sorted(absent), landed)))
    assert gone <= (absent - listed) & first & second
    assert len(gone) <= max(100, 0.05 * landed)


def test_a_record_that_is_set_aside_by_name_is_listed_and_hinders_no_deletion() -> None:
    odd = QuarantinedRecord("d", "RECORD_INVALID", "Odd.", "{}")
    site = Site(["a", "b"], {"c", "d"}, {"c", "d"}, {"quarantined": (odd,)})
    assert keys(site.census(["c", "d"])) == ["c"]
