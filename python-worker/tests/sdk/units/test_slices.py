"""Readings by id and by change: nothing is lost or comes twice, wherever they are cut."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.ports.doubts import Doubts
from inlet_sdk.units.change_cursor import HOUR_MS, MINUTE_MS, ChangeCursor, ChangePlace
from inlet_sdk.units.debt import MORE_MISSING, Debt, Owed
from inlet_sdk.units.feed import FeedPage
from inlet_sdk.units.full_pass import FullPlace
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.slices import (
    NOT_EVEN_THE_LAST,
    QUIET_PAGES,
    ChangesCursor,
    ChangesPlace,
    Slice,
    changed_slices,
    full_slices,
)

from .listed_feed import ListedFeed, Thing

T0 = 29_000_000 * MINUTE_MS
NOW = T0 + HOUR_MS
POLICY = ReadingPolicy()
THINGS = [Thing(n, T0 + n * MINUTE_MS, "blue" if n % 3 == 0 else "red") for n in range(1, 8)]

Slices = Sequence[Slice[Thing]]


def full(
    feed: ListedFeed, continuation: dict[str, Any] | None = None, doubts: Doubts | None = None
) -> list[Slice[Thing]]:
    place = through_json(continuation)
    return list(full_slices(feed, POLICY, place, NOW, lambda: NOW, doubts or Doubts()))


def changed(
    feed: ListedFeed,
    cursor: dict[str, Any] | None,
    continuation: dict[str, Any] | None = None,
    doubts: Doubts | None = None,
) -> list[Slice[Thing]]:
    since, place = through_json(cursor), through_json(continuation)
    doubts = doubts or Doubts()
    return list(changed_slices(feed, since, POLICY, place, NOW, lambda: NOW, doubts))


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def ids(slices: Slices) -> list[int]:
    return [thing.id for part in slices for thing in part.records]


def owing(debt: Debt) -> dict[str, Any]:
    """A cursor beyond all changes, by which only what is owed is read."""
    return ChangesCursor(ChangeCursor(NOW + 24 * HOUR_MS, NOW), debt).dump()


def left_after(slices: Slices) -> Debt | None:
    return ChangesCursor.parse(slices[-1].cursor).debt


def test_a_full_reading_has_every_record_once_and_a_cursor_at_its_end() -> None:
    whole = full(ListedFeed(THINGS))
    assert ids(whole) == [1, 2, 3, 4, 5, 6, 7]
    assert [part.cursor is None for part in whole] == [True, True, True, False]
    assert ids(changed(ListedFeed(THINGS), whole[-1].cursor)) == []


def test_a_full_reading_goes_on_after_any_slice() -> None:
    whole = full(ListedFeed(THINGS))
    for cut, part in enumerate(whole, 1):
        rest = full(ListedFeed(THINGS), part.resume)
        assert ids(whole[:cut]) + ids(rest) == ids(whole)
        assert rest[-1].cursor == whole[-1].cursor


class Told(ListedFeed):
    """Shows its things in the order in which they are told."""

    def after(self, record_id: Callable[[], int]) -> Iterator[FeedPage[Thing]]:
        return self._pages(self.things, None)


def test_a_list_that_is_out_of_order_loses_nothing_and_is_doubted() -> None:
    doubts = Doubts()
    slices = full(Told([THINGS[n] for n in (3, 0, 5, 1, 2, 4, 6)]), doubts=doubts)
    assert sorted(ids(slices)) == [1, 2, 3, 4, 5, 6, 7]
    (doubt,) = doubts.take()
    assert "ascending id" in doubt


@given(st.lists(st.integers(0, 6), max_size=6), st.integers(1, 4))
def test_a_record_that_is_listed_twice_comes_once_and_is_no_doubt(
    again: list[int], page: int
) -> None:
    things = list(THINGS)
    for n in again:
        things.insert(things.index(THINGS[n]) + 1, THINGS[n])
    doubts = Doubts()
    assert ids(full(Told(things, page), doubts=doubts)) == [1, 2, 3, 4, 5, 6, 7]
    assert doubts.take() == ()


class Open(ListedFeed):
    """Stops after some pages, and nothing proves that there is no more."""

    def _pages(
        self, things: Sequence[Thing], boxes: Sequence[str] | None
    ) -> Iterator[FeedPage[Thing]]:
        yield replace(next(iter(super()._pages(things, boxes))), is_last=True, is_open=True)


class Backwards(ListedFeed):
    def since(self, at_ms: Callable[[], int]) -> Iterator[FeedPage[Thing]]:
        return self._pages([*self.things[2:], *self.things[:2]], None)


def test_changes_that_go_back_in_time_are_handed_on_and_doubted() -> None:
    doubts = Doubts()
    assert sorted(ids(changed(Backwards(THINGS), None, doubts=doubts))) == [1, 2, 3, 4, 5, 6, 7]
    assert doubts.take()
    assert ids(changed(ListedFeed(THINGS), None, doubts=doubts)) and doubts.take() == ()


def test_an_open_end_takes_no_cursor_beyond_what_was_shown() -> None:
    (only,) = full(Open(THINGS))
    assert only.cursor is None

    (first,) = changed(Open(THINGS), None)
    assert ids([first]) == [1, 2] and first.cursor is not None
    assert ids([first, *changed(ListedFeed(THINGS), first.cursor)]) == [1, 2, 3, 4, 5, 6, 7]


def test_a_page_without_news_is_a_slice_too_so_that_somebody_looks_at_the_time() -> None:
    things = [Thing(n, T0 + n) for n in range(1, 4 * QUIET_PAGES)]
    cursor = full(ListedFeed(things))[-1].cursor
    slices = changed(ListedFeed(things, page=1), cursor)
    assert ids(slices) == [] and len(slices) == 4


def test_changes_are_all_that_the_next_reading_hands_on() -> None:
    cursor = full(ListedFeed(THINGS))[-1].cursor
    later = [*THINGS[1:], Thing(1, T0 + 20 * MINUTE_MS), Thing(9, T0 + 21 * MINUTE_MS)]
    assert ids(changed(ListedFeed(later), cursor)) == [1, 9]


def test_a_site_that_lost_the_last_change_asks_for_a_census() -> None:
    cursor = full(ListedFeed(THINGS))[-1].cursor
    (only,) = changed(ListedFeed([]), cursor)
    assert list(only.warnings) == [NOT_EVEN_THE_LAST]


DEBT = Debt((2, 5), (Owed(T0 + 3 * MINUTE_MS, 0, ("blue",)),), (), 4)


def test_what_is_owed_is_read_first_and_paid() -> None:
    slices = changed(ListedFeed(THINGS), owing(DEBT))
    assert ids(slices) == [2, 5, 3, 6]
    assert [MORE_MISSING in part.warnings for part in slices].count(True) == 1
    left = left_after(slices)
    assert left is None or left.is_paid


def test_a_reading_that_is_cut_goes_on_with_what_is_owed() -> None:
    whole = changed(ListedFeed(THINGS, page=1), owing(DEBT))
    for cut, part in enumerate(whole, 1):
        rest = changed(ListedFeed(THINGS, page=1), owing(DEBT), part.resume)
        assert set(ids(whole[:cut]) + ids(rest)) == {2, 3, 5, 6}
        # Or it was killed there, and another run begins from what it committed.
        another = changed(ListedFeed(THINGS, page=1), part.cursor)
        assert set(ids(whole[:cut]) + ids(another)) == {2, 3, 5, 6}


def test_what_is_hidden_again_stays_owed() -> None:
    closed = ListedFeed(THINGS, hidden={"blue"})
    slices = changed(closed, owing(Debt((), DEBT.owed)))
    assert ids(slices) == []
    left = left_after(slices)
    assert left is not None and left.owed == DEBT.owed
    assert ids(changed(ListedFeed(THINGS), owing(left))) == [3, 6]


def test_groups_that_the_policy_no_longer_names_are_not_read() -> None:
    owed = Owed(T0, 0, ("red", "blue"))
    assert owed.within(None) == owed
    assert owed.within(("BLUE",)).groups == ("blue",)
    assert Owed(T0).within(("blue",)).groups == ("blue",)


numbers = st.integers(0, 10**13)
known = st.dictionaries(st.integers(1, 10**12), numbers, max_size=5)
owed_things = st.builds(
    Owed, numbers, numbers, st.none() | st.lists(st.text(min_size=1), max_size=3).map(tuple)
)
many_owed = st.lists(owed_things, max_size=3).map(tuple)
debts = st.builds(Debt, st.lists(numbers, max_size=3).map(tuple), many_owed, many_owed, numbers)
places = st.builds(
    ChangePlace, st.none() | numbers, numbers, numbers, numbers, st.none() | numbers, known
)


@given(places, st.none() | debts)
def test_the_place_of_a_reading_of_changes_outlives_its_process(
    place: ChangePlace, debt: Debt | None
) -> None:
    stated = ChangesPlace(place, debt)
    assert ChangesPlace.parse(through_json(stated.dump())) == stated


@given(st.builds(FullPlace, numbers, numbers, st.none() | numbers, st.none() | numbers, known))
def test_the_place_of_a_full_reading_outlives_its_process(place: FullPlace) -> None:
    assert FullPlace.parse(through_json(place.dump())) == place


@given(st.builds(ChangeCursor, numbers, numbers, known), debts)
def test_a_cursor_remembers_what_is_owed_and_tries_again_what_was_kept(
    change: ChangeCursor, debt: Debt
) -> None:
    found = ChangesCursor.parse(through_json(ChangesCursor(change, debt).dump()))
    owed = Debt(debt.ids, (*debt.owed, *debt.kept), (), debt.unnamed)
    assert found == ChangesCursor(change, None if owed.is_paid else owed)
