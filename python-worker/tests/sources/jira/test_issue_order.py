"""Windows leave no gap, whatever list they were cut from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.units.change_cursor import MINUTE_MS, floor_minute
from inlet_worker.sources.jira.issue_order import (
    PAGES_OF_DENSE,
    ByChange,
    ById,
    IssueOrder,
    Window,
)

LISTS = st.lists(st.integers(-5, 400), max_size=120)
IDS = st.lists(st.integers(1, 10_000), max_size=120, unique=True).map(sorted)


@dataclass(frozen=True)
class At:
    id: int
    updated: int | None


def leaves_no_gap(order: IssueOrder, low: int, windows: list[Window]) -> None:
    bounds = [low, *(window.high for window in windows)]
    assert [window.low for window in windows] == bounds[:-1]
    assert all(begin < end for begin, end in pairwise(bounds))
    texts = [order.between(window.low, window.high, None) for window in windows]
    assert len(set(texts)) == len(texts)


@given(LISTS | IDS, st.integers(0, 50), st.integers(1, 30))
def test_windows_of_ids_leave_no_gap_and_name_only_what_is_in_them(
    ids: list[int], low: int, size: int
) -> None:
    order = ById(lambda: low)
    windows = order.windows(low, ids, size, {})
    leaves_no_gap(order, low, windows)
    for window in windows:
        assert len(window.named) <= size
        assert not order.is_beyond(window, [At(id_, None) for id_ in window.named])
    if windows:
        assert windows[-1].high == ids[-1]


@given(IDS, st.data(), st.integers(0, 3), st.integers(1, 30))
def test_windows_of_minutes_leave_no_gap_whatever_changed_since(
    ids: list[int], data: st.DataObject, low: int, size: int
) -> None:
    order = ByChange(lambda: low * MINUTE_MS)
    sampled = order.sampled(ids, size)
    times = data.draw(
        st.dictionaries(st.sampled_from(sampled), st.integers(0, 10**9)) if sampled else st.just({})
    )
    windows = order.windows(low * MINUTE_MS, ids, size, times)
    leaves_no_gap(order, low * MINUTE_MS, windows)
    for window in windows:
        assert window.high == floor_minute(window.high)
        assert all(window.low <= times[id_] < window.high for id_ in window.named)


def test_pages_of_a_quiet_site_are_windows_and_those_of_a_busy_one_are_put_together() -> None:
    ids = list(range(1, 1001))
    quiet = {id_: id_ * 60 * MINUTE_MS for id_ in ids}
    busy = {id_: id_ * 1_000 for id_ in ids}
    order = ByChange(lambda: 0)
    assert len(order.windows(0, ids, 100, quiet)) == 10
    assert len(order.windows(0, ids, 100, busy)) == 10 // PAGES_OF_DENSE
    assert order.windows(0, ids, 100, dict.fromkeys(ids, 5)) == []


def test_one_that_changed_since_it_was_listed_costs_no_more_than_its_own_cut() -> None:
    ids = list(range(1, 1001))
    times = {id_: id_ * 60 * MINUTE_MS for id_ in ids}
    order = ByChange(lambda: 0)
    whole = len(order.windows(0, ids, 100, times))
    moved = order.sampled(ids, 100)[3]
    assert len(order.windows(0, ids, 100, times | {moved: 10**12})) == whole - 1


def test_a_page_that_a_window_did_not_ask_for_is_seen() -> None:
    by_id, by_change = ById(lambda: 0), ByChange(lambda: 0)
    window = Window(10, 20, frozenset())
    assert by_id.is_beyond(window, [At(20, None), At(21, None)])
    assert by_id.is_beyond(window, [At(10, None)])
    minutes = Window(0, MINUTE_MS, frozenset())
    assert by_change.is_beyond(minutes, [At(1, MINUTE_MS), At(2, 2 * MINUTE_MS)])
    assert not by_change.is_beyond(minutes, [At(1, 5), At(2, 2 * MINUTE_MS), At(3, None)])
