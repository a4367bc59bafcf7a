"""Several requests under way at once: their order, their number, and what becomes of them when the
reader leaves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.http.in_flight import MOST, MOST_AHEAD, MOST_BYTES, Depth, in_order
from inlet_sdk.http.latency import Latency

WAIT_SECONDS = 30
BIG = MOST_BYTES // 2


def deep(fed: float = MOST) -> Depth:
    """One that has grown as far as it may."""
    depth = Depth(lambda: fed)
    for _ in range(MOST):
        depth.reader_waited()
    return depth


def ones(_: object) -> int:
    return 1


class Site:
    """Answers in the order in which they are let go; counts what is under way."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.let_go: set[int] = set()
        self.asked: list[int] = []
        self.under_way = self.most_under_way = 0

    def ask(self, number: int) -> int:
        with self.changed:
            self.asked.append(number)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: number in self.let_go, WAIT_SECONDS)
            self.under_way -= 1
        return number

    def answer(self, *numbers: int) -> None:
        with self.changed:
            self.let_go.update(numbers)
            self.changed.notify_all()

    def wait_until_asked(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= count, WAIT_SECONDS)

    def fetches(self, count: int) -> Iterator[Callable[[], int]]:
        return (partial(self.ask, number) for number in range(count))


@given(st.permutations(range(6)))
def test_answers_come_in_order_whatever_order_the_site_has(order: list[int]) -> None:
    site = Site()
    with closing(in_order(site.fetches(6), deep(), ones)) as answers:
        reader: list[int] = []
        thread = threading.Thread(target=lambda: reader.extend(answers))
        thread.start()
        site.wait_until_asked(6)
        for number in order:
            site.answer(number)
        thread.join(WAIT_SECONDS)
    assert reader == list(range(6)) and site.most_under_way == 6


def test_no_more_is_under_way_than_the_budget_can_feed() -> None:
    site = Site()
    site.answer(*range(40))
    depth = deep(fed=2.0)
    assert depth.now == 4
    assert list(in_order(site.fetches(40), depth, ones)) == list(range(40))
    assert site.most_under_way <= 4


def test_the_first_error_in_order_is_raised_at_its_place() -> None:
    def fail(text: str) -> int:
        raise ValueError(text)

    fetches = iter([lambda: 1, partial(fail, "first"), partial(fail, "second")])
    answers = in_order(fetches, deep(), ones)
    assert next(answers) == 1
    with pytest.raises(ValueError, match="first"):
        next(answers)


def test_what_goes_wrong_while_a_fetch_is_made_is_raised_at_its_place() -> None:
    def fetches() -> Iterator[Callable[[], int]]:
        yield lambda: 1
        raise ValueError("no list")

    answers = in_order(fetches(), deep(), ones)
    assert next(answers) == 1
    with pytest.raises(ValueError, match="no list"):
        next(answers)


def test_nothing_is_begun_after_the_reader_left() -> None:
    site = Site()
    site.answer(0)
    answers = in_order(site.fetches(1000), Depth(lambda: 1.0), ones)
    assert next(answers) == 0
    answers.close()
    begun = len(site.asked)
    site.answer(*range(1000))
    left = [thread for thread in threading.enumerate() if thread.name == "in-flight"]
    for thread in left:
        thread.join(WAIT_SECONDS)
    assert len(site.asked) <= begun + 3  # those that had been given out


@pytest.mark.parametrize(("size", "most"), [(BIG, 3), (1, MOST_AHEAD)])
def test_answers_that_wait_are_bounded_by_their_bytes_and_by_their_number(
    size: int, most: int
) -> None:
    site = Site()
    site.answer(*range(200))
    depth = Depth(lambda: MOST)
    for read, _ in enumerate(in_order(site.fetches(200), depth, lambda _: size), start=1):
        assert len(site.asked) - read <= most


def test_an_empty_list_of_fetches_has_no_answers() -> None:
    assert list(in_order(iter(()), deep(), ones)) == []


def test_depth_grows_by_one_while_the_reader_waits_and_the_site_is_not_crowded() -> None:
    latency = Latency()
    depth = Depth(lambda: 10.0, lambda: latency.is_crowded)
    latency.saw(0.05)
    seen = []
    for _ in range(3):
        depth.reader_waited()
        seen.append(depth.now)
    assert seen == [3, 4, 5]
    for _ in range(30):
        latency.saw(0.5)
    depth.reader_waited()
    assert depth.now == 5


@given(st.floats(0, 1000))
def test_depth_is_what_keeps_the_budget_busy_and_at_least_one(fed: float) -> None:
    depth = deep(fed)
    assert 1 <= depth.now <= MOST
    assert depth.now >= min(MOST, fed)


@given(st.lists(st.floats(0.001, 10), min_size=1))
def test_latency_lies_within_what_was_seen(seconds: list[float]) -> None:
    latency = Latency()
    for one in seconds:
        latency.saw(one)
    slack = 1e-9
    assert min(seconds) - slack <= latency.least <= latency.seconds + slack
    assert latency.seconds <= max(seconds) + slack
