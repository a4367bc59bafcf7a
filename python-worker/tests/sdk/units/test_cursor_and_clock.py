"""The laws of the cursor and the clocks: it is never ahead of the source's clock or ours and never
goes back. Whatever the clocks say, what is dated in the future lands and comes again until its time
has come.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.ports.doubts import Doubts
from inlet_sdk.units.change_cursor import (
    HOUR_MS,
    MINUTE_MS,
    ChangeCursor,
    ChangePass,
    Windows,
    floor_minute,
)
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.slices import changed_slices, full_slices

from .listed_feed import ListedFeed, Thing

T0 = 29_000_000 * MINUTE_MS
DAY = 24 * HOUR_MS
WINDOWS = Windows()


def read(site: dict[int, int], before: ChangeCursor, ours: int, theirs: int) -> Reading:
    """One pass, in pages of three. The source's clock says `theirs`, ours `ours`."""
    state = ChangePass(before, WINDOWS, ours)
    state.time_is(min(ours, theirs))
    low = floor_minute(state.since)
    rows = sorted((at, n) for n, at in site.items() if at >= low)
    emitted: dict[int, int] = {}
    for start in range(0, len(rows), 3):
        page = rows[start : start + 3]
        emitted.update((n, at) for at, n in page if state.is_new(n, at))
        state.page_read([at for at, _ in page])
        committed = state.cursor(complete=False).position
        assert committed is None or committed <= max(min(ours, theirs), before.position or 0)
    return Reading(emitted, ChangeCursor.parse(state.cursor(complete=True).dump()))


@dataclass
class Reading:
    emitted: dict[int, int]
    cursor: ChangeCursor


edits = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.one_of(st.just(0), st.integers(0, 40 * DAY)),
    ),
    max_size=5,
)
runs = st.lists(
    st.tuples(st.integers(0, 3 * DAY), st.integers(-60 * DAY, 60 * DAY), edits),
    min_size=1,
    max_size=6,
)


@given(runs)
def test_no_clock_takes_the_cursor_ahead_or_back_and_no_edit_is_lost(
    told: list[tuple[int, int, list[tuple[int, int]]]],
) -> None:
    """The source's clock goes on; ours may say anything. An edit is dated by the source's clock, or
    after it.
    """
    site = {n: T0 - n * HOUR_MS for n in range(1, 10)}
    landed: dict[int, int] = {}
    cursor, theirs = ChangeCursor(), T0
    for later, off, edited in told:
        theirs += later
        site.update((n, theirs + ahead) for n, ahead in edited)
        ours = theirs + off
        reading = read(site, cursor, ours, theirs)
        landed.update(reading.emitted)
        before, reached = cursor.position, reading.cursor.position
        assert before is None or (reached is not None and reached >= before)
        assert reached is None or reached <= max(min(ours, theirs), before or 0)
        yet_to_come = {n: at for n, at in site.items() if at > min(ours, theirs)}
        assert yet_to_come.items() <= reading.emitted.items()
        cursor = reading.cursor

    assert landed == site


def test_a_cursor_beyond_our_clock_is_kept_and_edits_of_today_are_read_all_the_same() -> None:
    """As a release before this one left it: a record of next month took the cursor with it."""
    far = ChangeCursor(T0 + 30 * DAY, T0)
    reading = read({1: T0 - 1, 2: T0 + 30 * DAY}, far, T0, T0)
    assert reading.emitted == {1: T0 - 1, 2: T0 + 30 * DAY}
    assert reading.cursor.position == far.position


def test_a_full_reading_of_a_site_with_a_record_of_next_month_leaves_a_cursor_of_today() -> None:
    things = [Thing(1, T0 - HOUR_MS), Thing(2, T0 + 30 * DAY), Thing(3, T0 - 2 * HOUR_MS)]
    whole = list(full_slices(ListedFeed(things), ReadingPolicy(), None, T0, lambda: T0, Doubts()))
    cursor = whole[-1].cursor
    assert cursor is not None and cursor["position"] == T0 - HOUR_MS

    again = changed_slices(
        ListedFeed(things),
        cursor,
        ReadingPolicy(),
        None,
        T0 + MINUTE_MS,
        lambda: T0 + MINUTE_MS,
        Doubts(),
    )
    assert [thing.id for part in again for thing in part.records] == [2]


def test_a_source_whose_clock_stands_still_holds_the_cursor() -> None:
    things = [Thing(n, T0 + n * MINUTE_MS) for n in range(1, 5)]
    ours = T0 + DAY
    slices = list(
        changed_slices(
            ListedFeed(things),
            None,
            ReadingPolicy(),
            None,
            ours,
            lambda: T0 + 2 * MINUTE_MS,
            Doubts(),
        )
    )
    cursor = slices[-1].cursor
    assert cursor is not None and cursor["position"] == T0 + 2 * MINUTE_MS
