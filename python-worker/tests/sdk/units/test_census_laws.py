"""The laws of the census: whatever was left out, hidden, edited or dated behind the cursor, it says
OK only of what is so, and what it owes makes the copy the truth.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.ports.doubts import Doubts
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.units import debt
from inlet_sdk.units.census import left_out, versions
from inlet_sdk.units.census.columns_of_ids import Times
from inlet_sdk.units.census.order_of_change import out_of_order
from inlet_sdk.units.census.record_census import record_census
from inlet_sdk.units.census.shown_before import ShownRanges
from inlet_sdk.units.change_cursor import MINUTE_MS, ChangeCursor
from inlet_sdk.units.debt import Debt, of_missing
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.slices import ChangesCursor, changed_slices

from .listed_feed import ListedFeed, Thing
from .test_record_census import COLUMNS as OF_THINGS
from .test_record_census import FAR, WORDS, BoxSite, Landed, an_order

IDS = st.integers(1, 30)
POSITION = 10**6 * MINUTE_MS


class Copy:
    """A landed copy whose cursor is far beyond all changes: only a census can mend it."""

    def __init__(self, things: list[Thing]) -> None:
        self.landed = {thing.id: thing for thing in things}
        self.state: dict[str, Any] = {}

    def run(self, site: BoxSite) -> list[str]:
        """What is owed is read, then compared: the codes that are said."""
        debts = Debt.parse(self.state)
        cursor = ChangesCursor(
            ChangeCursor(POSITION, POSITION), None if debts.is_paid else debts
        ).dump()
        slices = changed_slices(
            DirectFeed(site), cursor, ReadingPolicy(), None, POSITION, lambda: POSITION, Doubts()
        )
        left = self.state
        for part in slices:
            self.landed |= {thing.id: thing for thing in part.records}
            if part.cursor is not None:
                left = {**left, **part.cursor.get("census", {}).get("source", {})}

        order = an_order(deletes=False, position=POSITION, state=left)
        report = record_census(
            site,
            WORDS,
            OF_THINGS,
            ReadingPolicy(),
            order,
            Landed(list(self.landed.values())),
            a_context("box.things"),
        )
        self.state = json.loads(json.dumps(report.state))
        return [finding.code for finding in (*report.findings, *report.debts)]


class DirectFeed(ListedFeed):
    """Lists leave things out, and reading by id does not."""

    def __init__(self, site: BoxSite) -> None:
        super().__init__(site.ids.things, hidden=site.feed.hidden)
        self._site = site

    def of_ids(self, ids: Any) -> Iterator[Any]:
        return self._pages([t for t in self._site.feed.shown() if t.id in ids], None)


def as_told(copy: Copy, site: BoxSite) -> bool:
    """Whether each thing that exists and is shown has landed as it is."""
    return all(copy.landed.get(thing.id) == thing for thing in site.feed.shown())


@given(
    hidden=st.sets(IDS, max_size=6),
    edited=st.dictionaries(IDS, st.integers(-500, 500), max_size=8),
    unlisted=st.sets(IDS, max_size=4),
    few=st.booleans(),
)
def test_it_says_ok_only_of_what_is_so_and_the_next_runs_make_it_so(
    hidden: set[int], edited: dict[int, int], unlisted: set[int], few: bool
) -> None:
    """`hidden` never landed, `edited` changed by some minutes, no list shows `unlisted`; with `few`
    the site is big: not each is asked for.
    """
    things = [Thing(n, (1000 + 7 * n) * MINUTE_MS) for n in range(1, 31)]
    truth = [replace(t, updated=t.updated + edited.get(t.id, 0) * MINUTE_MS) for t in things]
    site = BoxSite(ListedFeed(truth), unlisted=unlisted)
    copy = Copy([thing for thing in things if thing.id not in hidden])
    with pytest.MonkeyPatch.context() as patch:
        if few:
            patch.setattr(versions, "ONE_BY_ONE", 3)
            patch.setattr(versions, "IN_TURN", 4)
            patch.setattr(debt, "REREAD_AT_ONCE", 2)
            patch.setattr(debt, "MAX_RANGES", 2)
        said: list[str] = []
        for _ in range(12):
            said = copy.run(site)
            assert few or "CENSUS_OK" not in said or as_told(copy, site)

    assert as_told(copy, site)
    assert ("CENSUS_OK" in said) == (not unlisted)


def test_a_site_whose_count_is_higher_than_its_list_is_never_ok() -> None:
    """A search index that leaves out what was never read: only count and direct reads know more."""
    things = [Thing(n, n * MINUTE_MS) for n in range(1, 10)]
    site = BoxSite(ListedFeed(things), unlisted={4})
    copy = Copy([thing for thing in things if thing.id != 4])
    assert "CENSUS_OK" not in copy.run(site)
    copy.run(site)
    assert as_told(copy, site)


def test_records_far_from_all_others_that_no_list_shows_are_found_by_counting_halves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(left_out, "PROBES", 1)
    monkeypatch.setattr(left_out, "PROBES_OF_A_RANGE", 5)
    things = [Thing(n, n * MINUTE_MS) for n in (1, 700, 1_000_000)]
    site = BoxSite(ListedFeed(things), unlisted={700})
    counted = CountsAll(site.feed, site.unlisted)
    copy = Copy([things[0], things[2]])
    copy.run(counted)
    copy.run(counted)
    assert as_told(copy, counted)


class CountsAll(BoxSite):
    """Its counts know what its lists leave out."""

    def count(self, before_ms: int | None = None) -> int | None:
        return sum(before_ms is None or t.updated < before_ms for t in self.feed.shown())

    def count_up_to(self, record_id: int) -> int | None:
        return sum(thing.id <= record_id for thing in self.feed.shown())


@given(st.sets(st.integers(1, 400), max_size=60), st.integers(1, 8), st.integers(1, 5))
def test_what_a_checkpoint_has_no_room_for_is_within_its_ranges(
    ids: set[int], at_once: int, ranges: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(debt, "REREAD_AT_ONCE", at_once)
        patch.setattr(debt, "MAX_RANGES", ranges)
        owed = of_missing(sorted(ids))
    assert len(owed.owed) <= ranges and len(owed.ids) <= at_once
    held = {
        record
        for record in ids
        if any(o.until is not None and o.after < record <= o.until for o in owed.owed)
    }
    assert held | set(owed.ids) == ids


@given(st.lists(st.integers(0, 40), max_size=25))
def test_only_times_that_disagree_with_the_order_are_doubted(minutes: list[int]) -> None:
    landed = Times(range(len(minutes)), [minute * MINUTE_MS for minute in minutes])
    listed = list(landed)
    doubted = set(out_of_order(listed, landed))
    kept = [landed[n] for n in listed if n not in doubted]
    assert kept == sorted(kept)
    assert bool(doubted) == (minutes != sorted(minutes))


@given(st.sets(st.integers(1, 10**7), max_size=80), st.sets(st.integers(1, 10**7), max_size=80))
def test_an_id_that_appears_or_goes_changes_its_range(before: set[int], after: set[int]) -> None:
    then, now = ShownRanges.of(sorted(before)), ShownRanges.of(sorted(after))
    again = ShownRanges.parse(json.loads(json.dumps(then.dump())))
    assert (again or ShownRanges()) == then or not before
    changed = set(now.changed_since(then, sorted(after)))
    assert after - before <= changed
    assert not changed or before != after


def test_the_ranges_of_many_ids_are_few_and_small() -> None:
    ranges = ShownRanges.of(range(10_000, 10_000 + 200_000, 3))
    assert len(ranges.sums) <= 500 and len(json.dumps(ranges.dump())) < 20_000


def test_far_is_beyond_every_position_of_these_tests() -> None:
    assert POSITION < FAR
