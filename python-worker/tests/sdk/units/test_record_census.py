"""The census of records by group: what is gone needs proof, and what only hides is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from inlet_sdk.ports.census import CensusOrder, CensusReport, CensusUnfinished
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.units.census import versions
from inlet_sdk.units.census.compared_state import ComparedState, Hidden
from inlet_sdk.units.census.direct import DirectReads, Shown
from inlet_sdk.units.census.findings import Words
from inlet_sdk.units.census.groups import EMPTIED_ROWS, ByGroup
from inlet_sdk.units.census.landed import RecordColumns
from inlet_sdk.units.census.record_census import record_census
from inlet_sdk.units.census.versions import IN_TURN
from inlet_sdk.units.change_cursor import MINUTE_MS
from inlet_sdk.units.debt import Debt, Owed
from inlet_sdk.units.policy import ReadingPolicy

from .listed_feed import ListedFeed, Thing

WORDS = Words("things", "box", "boxes")
COLUMNS = RecordColumns("id", "box", "box", "updated")
THINGS = [Thing(n, n, "blue" if n % 3 == 0 else "red") for n in range(1, 10)]
FAR = 10**12


@dataclass
class BoxSite:
    """A ComparableSite. `unlisted` things exist, but no list shows them."""

    feed: ListedFeed
    unlisted: set[int] = field(default_factory=set)
    asked: list[Sequence[int]] = field(default_factory=list)

    @property
    def ids(self) -> ListedFeed:
        listed = [thing for thing in self.feed.things if thing.id not in self.unlisted]
        return ListedFeed(listed, hidden=self.feed.hidden)

    def count(self, before_ms: int | None = None) -> int | None:
        return sum(before_ms is None or t.updated < before_ms for t in self.ids.shown())

    def names(self) -> dict[str, str]:
        return {box: box for box in ("red", "blue") if box not in self.feed.hidden}

    def wanted(self) -> None:
        return None

    def time_ms(self) -> int:
        return FAR

    def began_ms(self) -> int:
        return 0

    def count_up_to(self, record_id: int) -> int | None:
        return sum(thing.id <= record_id for thing in self.ids.shown())

    def by_change(self) -> list[int]:
        return [thing.id for thing in sorted(self.ids.shown(), key=lambda t: (t.updated, t.id))]

    def read(self, ids: Sequence[int]) -> DirectReads:
        self.asked.append(ids)
        found = {t.id: Shown(t.updated, t.box) for t in self.feed.shown() if t.id in set(ids)}
        return DirectReads(found, frozenset(set(ids) - set(found)))


@dataclass
class Landed:
    things: list[Thing]

    def batches(self, *columns: str) -> Iterator[pa.RecordBatch]:
        updated = pa.array([thing.updated for thing in self.things], pa.timestamp("ms", "UTC"))
        values = {
            "id": pa.array([str(thing.id) for thing in self.things], pa.string()),
            "box": pa.array([thing.box for thing in self.things], pa.string()),
            "updated": updated,
        }
        yield pa.RecordBatch.from_arrays([values[name] for name in columns], list(columns))


def an_order(**changes: Any) -> CensusOrder:
    given: dict[str, Any] = {"due": True, "uncertain": False, "deletes": True, "position": FAR}
    return CensusOrder(**{**given, **changes})


def census(
    site: BoxSite, landed: list[Thing], order: CensusOrder | None = None, **context: Any
) -> CensusReport:
    return record_census(
        site,
        WORDS,
        COLUMNS,
        ReadingPolicy(deletes=True),
        order or an_order(),
        Landed(landed),
        a_context("box.things", **context),
    )


def codes(report: CensusReport) -> list[str]:
    return [finding.code for finding in report.findings]


def test_an_unchanged_site_agrees_with_what_has_landed() -> None:
    report = census(BoxSite(ListedFeed(THINGS)), THINGS)
    assert report.compared and codes(report) == ["CENSUS_OK"] and not report.tombstones
    assert ComparedState.parse(report.state) == ComparedState(FAR, {}, 9, probed=109)


def test_of_a_sink_that_keeps_every_version_the_newest_is_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    older = [replace(thing, updated=thing.updated - 5) for thing in THINGS]
    for few in (1000, 3):
        monkeypatch.setattr(versions, "ONE_BY_ONE", few)
        for landed in ([*older, *THINGS], [*THINGS, *older], [*THINGS[::-1], *older[:4]]):
            assert codes(census(BoxSite(ListedFeed(THINGS)), landed)) == ["CENSUS_OK"]


def test_a_record_that_is_gone_is_buried_with_its_proof() -> None:
    report = census(BoxSite(ListedFeed(THINGS[1:])), THINGS)
    (tombstone,) = report.tombstones
    assert tombstone.key == "1"
    assert tombstone.proof == {
        "absentFromPasses": 2,
        "directRead": "denied",
        "visibleBox": "red",
    }


def test_a_record_that_lists_leave_out_is_kept() -> None:
    report = census(BoxSite(ListedFeed(THINGS), unlisted={1}), THINGS)
    assert not report.tombstones and codes(report) == ["UNEXPECTED_RESPONSE"]


def test_without_deletes_it_only_says_what_is_gone() -> None:
    report = census(BoxSite(ListedFeed(THINGS[1:])), THINGS, an_order(deletes=False))
    assert not report.tombstones and codes(report) == ["CENSUS_OK", "CENSUS_GONE"]


def test_a_hidden_group_is_kept_and_owed_once_it_is_shown_again() -> None:
    closed = ListedFeed(THINGS, hidden={"blue"})
    hidden = census(BoxSite(closed), THINGS)
    assert not hidden.tombstones and codes(hidden) == ["INVISIBLE"]
    assert hidden.findings[0].message.startswith("Box blue no longer shows 3 landed things.")

    changed = [Thing(t.id, FAR + t.id, t.box) if t.id == 3 else t for t in THINGS]
    state = json.loads(json.dumps(hidden.state))
    shown = census(BoxSite(ListedFeed(changed)), THINGS, an_order(state=state))
    assert [debt.code for debt in shown.debts] == ["REREAD_OWED"]
    (owed,) = ComparedState.parse(shown.state).debt.owed
    assert owed.groups == ("blue",)


def test_what_never_landed_is_a_mismatch_and_is_read_again() -> None:
    report = census(BoxSite(ListedFeed(THINGS)), THINGS[2:])
    assert codes(report) == ["CENSUS_MISMATCH"]
    assert ComparedState.parse(report.state).debt.ids == (1, 2)


def test_a_site_that_shows_nothing_is_suspicious() -> None:
    report = census(BoxSite(ListedFeed([])), THINGS)
    assert codes(report) == ["SUSPICIOUS_EMPTY"] and not report.tombstones


def test_one_request_says_whether_a_census_that_is_not_due_is_worth_it() -> None:
    order = an_order(due=False, state={"count": 9})
    assert not census(BoxSite(ListedFeed(THINGS)), THINGS, order).compared
    assert census(BoxSite(ListedFeed(THINGS[1:])), THINGS, order).compared


def test_a_census_that_is_late_proves_nothing() -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(CensusUnfinished):
        census(BoxSite(ListedFeed(THINGS)), THINGS, deadline=past)


def test_a_group_that_lost_all_of_many_rows_is_hidden_until_somebody_approves() -> None:
    emptied = ByGroup({"red": EMPTIED_ROWS, "blue": 3}, frozenset({"RED", "BLUE"}))
    absent = ["red"] * EMPTIED_ROWS + ["blue"] * 3
    assert emptied.invisible(absent, approved=False) == {"red": EMPTIED_ROWS}
    assert emptied.invisible(absent, approved=True) == {}
    assert emptied.invisible([None], approved=True) == {None: 1}


def test_a_group_that_is_not_seen_is_hidden_until_somebody_approves() -> None:
    """A deleted group and a closed one look alike, so that a person has to say which it is."""
    groups = ByGroup({"red": 3, "blue": 3}, frozenset({"BLUE"}))
    assert groups.invisible(["red"] * 3, approved=False) == {"red": 3}
    assert groups.invisible(["red"] * 3, approved=True) == {}


@pytest.mark.parametrize(
    "state",
    [
        ComparedState(),
        ComparedState(7, {"red": Hidden(5, 2), "blue": Hidden(6, None)}, 9),
        ComparedState(7, {}, 9, Debt((1, 2), (Owed(3, 4, ("red",)), Owed(5)), (), 6)),
    ],
)
def test_a_state_is_read_as_it_was_written(state: ComparedState) -> None:
    assert ComparedState.parse(json.loads(json.dumps(state.dump()))) == state


def test_what_is_set_aside_or_discarded_is_neither_missing_nor_owed() -> None:
    """3 never landed, and the version of 5 that is shown did not."""
    landed = [replace(t, updated=1) if t.id == 5 else t for t in THINGS if t.id != 3]
    report = census(BoxSite(ListedFeed(THINGS)), landed, an_order(apart=frozenset({"3", "5"})))
    assert codes(report) == ["CENSUS_UNCOMPARED"] and "2 things" in report.findings[0].message
    assert "reread" not in report.state and not report.tombstones
    (mismatch,) = census(BoxSite(ListedFeed(THINGS)), landed, an_order()).findings
    assert mismatch.code == "CENSUS_MISMATCH"


@pytest.mark.parametrize(("apart", "lost"), [(frozenset({"40"}), []), (frozenset(), [40])])
def test_of_a_large_site_one_record_that_has_not_landed_puts_no_other_in_doubt(
    apart: frozenset[str], lost: list[int]
) -> None:
    """Its time of change is among those that the site counts."""
    things = [Thing(n, n * MINUTE_MS) for n in range(1, 6_500)]
    site = BoxSite(ListedFeed(things, page=5_000))
    report = census(site, [t for t in things if t.id != 40], an_order(apart=apart))
    assert report.state.get("reread", []) == lost
    assert max(map(len, site.asked)) <= IN_TURN
