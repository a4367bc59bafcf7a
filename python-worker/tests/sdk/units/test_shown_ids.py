"""The ids of a census are all that the source lists, each once, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.ports.census import CensusUnfinished
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.units.census.listing import shown_ids
from inlet_sdk.units.feed import FeedPage

from .listed_feed import ListedFeed, Thing

THINGS = [Thing(n, 0) for n in range(1, 8)]


class Told(ListedFeed):
    """Shows its things in the order in which they are told."""

    def after(self, record_id: Callable[[], int]) -> Iterator[FeedPage[Thing]]:
        return self._pages(self.things, None)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 20)), max_size=6), st.integers(1, 4))
def test_an_id_that_is_listed_again_counts_once(again: list[tuple[int, int]], page: int) -> None:
    things = list(THINGS)
    for n, later in again:
        things.insert(things.index(THINGS[n]) + 1 + later, THINGS[n])
    assert shown_ids(Told(things, page), a_context()).to_pylist() == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("order", [[2, 0, 1], [0, 1, 4, 3], [6, 5, 4, 3, 2, 1, 0]])
@pytest.mark.parametrize("page", [1, 2, 9])
def test_ids_out_of_order_prove_nothing(order: list[int], page: int) -> None:
    with pytest.raises(CensusUnfinished):
        shown_ids(Told([THINGS[n] for n in order], page), a_context())
