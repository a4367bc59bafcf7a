"""The laws of the cursor, on a simulated feed: it never goes back, is never ahead of what was seen,
and whatever is stopped, resumed, touched or shown fresher than it was sorted, no version of a
record is lost and none comes twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_sdk.units.change_cursor import (
    HOUR_MS,
    MAX_BOUNDARY,
    MAX_REMEMBERED,
    MINUTE_MS,
    ChangeCursor,
    ChangePass,
    ChangePlace,
    Windows,
    boundary,
    floor_minute,
    pack,
    unpack,
)

T0 = 29_000_000 * MINUTE_MS
WINDOWS = Windows()

# Few minutes, few milliseconds in them: most records share a minute, many the millisecond.
times = st.builds(
    lambda minute, ms: T0 + minute * MINUTE_MS + ms,
    st.integers(0, 12),
    st.sampled_from([0, 1, 500, 59_999]),
)
sites = st.lists(times, max_size=40).map(lambda updates: dict(enumerate(updates, 1)))


@dataclass
class Feed:
    """A search index: whole minutes below, ordered by (updated, id). `shown` may be fresher than
    what it sorted by.
    """

    indexed: dict[int, int]
    shown: dict[int, int] = field(default_factory=dict)

    def rows_since(self, at: int) -> list[tuple[int, int]]:
        low = floor_minute(at)
        found = sorted((updated, n) for n, updated in self.indexed.items() if updated >= low)
        return [(n, self.shown.get(n, updated)) for updated, n in found]


@dataclass
class Reading:
    """What one pass handed on, batch by batch."""

    batches: list[list[tuple[int, int]]] = field(default_factory=list)
    cursors: list[ChangeCursor] = field(default_factory=list)
    resumes: list[dict[str, object]] = field(default_factory=list)
    seen: int = -1

    @property
    def emitted(self) -> list[tuple[int, int]]:
        return [row for batch in self.batches for row in batch]


def read(feed: Feed, state: ChangePass, page_size: int) -> Reading:
    out = Reading(seen=state.cursor(complete=True).position or -1)
    rows = feed.rows_since(state.since)
    for start in range(0, max(1, len(rows)), page_size):
        page = rows[start : start + page_size]
        out.batches.append([row for row in page if state.is_new(*row)])
        state.page_read([updated for _, updated in page])
        out.seen = max([out.seen, *(updated for _, updated in page)])
        out.cursors.append(through_json(state.cursor(complete=start + page_size >= len(rows))))
        out.resumes.append(json.loads(json.dumps(state.place().dump())))
        position = out.cursors[-1].position
        assert position is None or position <= out.seen
    return out


def through_json(cursor: ChangeCursor) -> ChangeCursor:
    return ChangeCursor.parse(json.loads(json.dumps(cursor.dump())))


def first_pass(started: int = T0 + HOUR_MS) -> ChangePass:
    return ChangePass(ChangeCursor(), WINDOWS, started)


@given(sites, st.integers(1, 7))
def test_a_pass_hands_on_every_record_once_and_its_cursor_only_rises(
    site: dict[int, int], page_size: int
) -> None:
    reading = read(Feed(site), first_pass(), page_size)
    assert sorted(reading.emitted) == sorted(site.items())
    positions = [cursor.position or 0 for cursor in reading.cursors]
    assert positions == sorted(positions)
    assert reading.cursors[-1].position == max(site.values(), default=None)


@given(sites, st.integers(1, 7), st.booleans())
def test_an_unchanged_site_gives_nothing_again(
    site: dict[int, int], page_size: int, an_hour_later: bool
) -> None:
    before = read(Feed(site), first_pass(), page_size).cursors[-1]
    started = T0 + (3 if an_hour_later else 1) * HOUR_MS
    again = read(Feed(site), ChangePass(before, WINDOWS, started), page_size)
    assert again.emitted == []
    assert again.cursors[-1].position == before.position
    assert again.cursors[-1].boundary == before.boundary
    assert {cursor.position for cursor in again.cursors} == {before.position}


@given(sites, st.integers(1, 7), st.data())
def test_resuming_after_any_batch_loses_and_doubles_nothing(
    site: dict[int, int], page_size: int, data: st.DataObject
) -> None:
    whole = read(Feed(site), first_pass(), page_size)
    cut = data.draw(st.integers(1, len(whole.batches)))
    rest = read(
        Feed(site),
        ChangePass.resumed(ChangePlace.parse(whole.resumes[cut - 1]), WINDOWS),
        page_size,
    )
    head = [row for batch in whole.batches[:cut] for row in batch]
    assert sorted(head + rest.emitted) == sorted(site.items())
    assert rest.cursors[-1] == whole.cursors[-1]


@given(sites, st.integers(1, 7), st.data())
def test_going_on_from_any_committed_cursor_loses_and_doubles_nothing(
    site: dict[int, int], page_size: int, data: st.DataObject
) -> None:
    whole = read(Feed(site), first_pass(), page_size)
    cut = data.draw(st.integers(1, len(whole.batches)))
    rest = read(Feed(site), ChangePass(whole.cursors[cut - 1], WINDOWS, T0 + HOUR_MS), page_size)
    head = [row for batch in whole.batches[:cut] for row in batch]
    assert sorted(head + rest.emitted) == sorted(site.items())


@given(sites, st.integers(1, 7), st.sets(st.integers(1, 40)), st.data())
def test_changes_between_runs_are_all_that_the_next_run_hands_on(
    site: dict[int, int], page_size: int, touched: set[int], data: st.DataObject
) -> None:
    before = read(Feed(site), first_pass(), page_size).cursors[-1]
    latest = max(site.values(), default=T0)
    # Late: up to the overlap behind the latest change, as a slow index shows them.
    changes = {n: latest + data.draw(st.integers(-4 * MINUTE_MS, 9 * MINUTE_MS)) for n in touched}
    changes = {n: at for n, at in changes.items() if site.get(n) != at}
    after = {**site, **changes}
    reading = read(Feed(after), ChangePass(before, WINDOWS, T0 + HOUR_MS), page_size)
    assert sorted(reading.emitted) == sorted(changes.items())
    assert all((cursor.position or 0) >= (before.position or 0) for cursor in reading.cursors)


@given(sites, st.integers(2, 7), st.data())
def test_a_row_shown_fresher_than_it_was_sorted_drags_no_cursor_past_unread_rows(
    site: dict[int, int], page_size: int, data: st.DataObject
) -> None:
    order = [n for n, _ in Feed(site).rows_since(0)]
    starts = range(
        0, len(order) - 1, page_size
    )  # one fresh row a page, never a page of nothing else
    fresh = {
        order[at]: T0 + 10 * HOUR_MS + at
        for at in data.draw(st.sets(st.sampled_from(starts or [0])))
        if order
    }
    if len(order) < 2:
        fresh = {}

    whole = read(Feed(site, fresh), first_pass(), page_size)
    settled = Feed({**site, **fresh})
    for cut, (cursor, resume) in enumerate(zip(whole.cursors, whole.resumes, strict=True), 1):
        head = {row for batch in whole.batches[:cut] for row in batch}
        from_cursor = read(settled, ChangePass(cursor, WINDOWS, T0 + HOUR_MS), page_size)
        from_resume = read(
            settled, ChangePass.resumed(ChangePlace.parse(resume), WINDOWS), page_size
        )
        for rest in (from_cursor, from_resume):
            assert head | set(rest.emitted) >= set(settled.indexed.items())


@given(sites, st.integers(1, 7), st.data())
def test_rows_that_move_forward_while_paging_come_in_their_new_version(
    site: dict[int, int], page_size: int, data: st.DataObject
) -> None:
    """Between two activities some records change: each ends landed in its newest version."""
    whole = read(Feed(site), first_pass(), page_size)
    cut = data.draw(st.integers(1, len(whole.batches)))
    moved = data.draw(st.sets(st.sampled_from(sorted(site) or [0])))

    after = {n: T0 + HOUR_MS + n if n in moved else at for n, at in site.items()}
    rest = read(
        Feed(after),
        ChangePass.resumed(ChangePlace.parse(whole.resumes[cut - 1]), WINDOWS),
        page_size,
    )
    landed = {n: at for batch in whole.batches[:cut] for n, at in batch}
    landed.update(dict(rest.emitted))
    assert landed == after
    assert len(rest.emitted) == len(set(rest.emitted))


def test_a_trailing_pass_finds_what_search_showed_hours_late_and_is_done_once_an_hour() -> None:
    site = {n: T0 + (n - 20) * HOUR_MS for n in range(1, 20)}
    before = read(Feed(site), first_pass(T0), 5).cursors[-1]
    late = {**site, 99: T0 - 8 * HOUR_MS}
    soon = read(Feed(late), ChangePass(before, WINDOWS, T0 + HOUR_MS - 1), 5)
    assert soon.emitted == []

    due = read(Feed(late), ChangePass(before, WINDOWS, T0 + HOUR_MS), 5)
    assert due.emitted == [(99, T0 - 8 * HOUR_MS)]
    assert due.cursors[-1].position == before.position
    assert due.cursors[-1].trailing_at == T0 + HOUR_MS
    assert [c.trailing_at for c in due.cursors[:-1]] == [before.trailing_at] * (
        len(due.cursors) - 1
    )
    again = read(Feed(late), ChangePass(due.cursors[-1], WINDOWS, T0 + HOUR_MS + 1), 5)
    assert len(again.batches) == 1 and again.emitted == []


def test_thousands_in_one_minute_keep_cursor_and_resume_small_and_are_all_read() -> None:
    site = {n: T0 + n % 3 for n in range(1, 3 * MAX_BOUNDARY)}
    reading = read(Feed(site), first_pass(), 100)
    assert sorted(reading.emitted) == sorted(site.items())
    assert max(len(json.dumps(resume)) for resume in reading.resumes) < 80_000
    assert max(len(json.dumps(cursor.dump())) for cursor in reading.cursors) < 80_000


@pytest.mark.parametrize("spread_ms", [1, 1000])
def test_a_long_pass_remembers_a_bounded_number_of_pairs(spread_ms: int) -> None:
    state = first_pass()
    for start in range(0, 25_000, 100):
        page = {n: T0 + n * spread_ms for n in range(start, start + 100)}
        for n, at in page.items():
            state.is_new(n, at)
        state.page_read(page.values())
    one_minute = MINUTE_MS // spread_ms
    assert len(state._known) <= MAX_REMEMBERED + one_minute + 100


def test_a_boundary_shrinks_to_the_overlap_before_it_is_dropped() -> None:
    position = T0 + 10 * HOUR_MS
    old = {n: position - HOUR_MS for n in range(MAX_BOUNDARY)}
    recent = {n + 10_000: position - 1 for n in range(10)}
    assert boundary({**old, **recent}, position, WINDOWS) == recent
    assert boundary({n: position for n in range(MAX_BOUNDARY + 1)}, position, WINDOWS) == {}


@given(st.dictionaries(st.integers(1, 10**12), st.integers(0, 10**13)), st.integers(0, 10**13))
def test_packing_keeps_every_pair(known: dict[int, int], origin: int) -> None:
    assert unpack(json.loads(json.dumps(pack(known, origin))), origin) == known


@settings(max_examples=20)
@given(st.none() | st.just({}))
def test_no_cursor_means_from_the_beginning(value: dict[str, object] | None) -> None:
    assert ChangePass(ChangeCursor.parse(value), WINDOWS, T0).since == 0
