"""Paging by offset: either every record came, or what contradicts it is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError
from inlet_sdk.http.body import AnswerTooLarge
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.offset_pages import OffsetPage, offset_pages
from inlet_sdk.http.page_size import fitting_parts
from inlet_sdk.http.pagination import MAX_BARREN_PAGES
from inlet_sdk.testing.contexts import a_context

SIZE = 1000


class Site:
    """`shown` of the numbers below its length; windows of `cap` are filtered after the cut."""

    def __init__(
        self,
        shown: list[bool],
        cap: int,
        total: int | None = None,
        marks: str = "none",
        width: bool = True,
    ) -> None:
        self.shown, self.cap, self.total, self.marks, self.width = shown, cap, total, marks, width
        self.asked: list[int] = []
        self.listing = Listing.of("numbers", a_context())

    @property
    def visible(self) -> set[int]:
        return {n for n, is_shown in enumerate(self.shown) if is_shown}

    def fetch(self, start: int, size: int) -> OffsetPage[int]:
        self.asked.append(start)
        end = start + min(self.cap, size)
        items = [n for n in range(start, min(end, len(self.shown))) if self.shown[n]]
        is_last = {"right": end >= len(self.shown), "yes": True, "no": False}.get(self.marks)
        return OffsetPage(items, start, self.cap if self.width else None, self.total, is_last)

    def read(self, size: int = SIZE) -> set[int]:
        pages = offset_pages(self.fetch, self.listing, size)
        return {n for page in pages for n in page.items}

    def doubts(self) -> tuple[str, ...]:
        return self.listing.doubts.take()


windows = st.lists(st.booleans(), max_size=60)


@given(windows, st.integers(1, 9), st.sampled_from(["none", "right", "yes", "no"]), st.booleans())
def test_all_that_a_counted_list_shows_comes_or_a_doubt_is_told(
    shown: list[bool], cap: int, marks: str, width: bool
) -> None:
    """Whatever is hidden, and whatever the end marks say beside a right total."""
    site = Site(shown, cap, len(shown), marks, width)
    assert site.read() == site.visible or site.doubts()
    assert len(site.asked) <= (len(site.visible) + 1) * (MAX_BARREN_PAGES + 1)


@given(windows, st.integers(1, 9), st.integers(0, 20))
def test_a_total_beyond_what_comes_is_a_doubt(shown: list[bool], cap: int, more: int) -> None:
    site = Site(shown, cap, len(shown) + more, "right")
    missing = len(shown) + more - len(site.read())
    assert bool(site.doubts()) == (missing > 0)


@given(windows, st.integers(1, 9), st.sampled_from(["right", "no"]))
def test_end_marks_without_a_total_lead_over_holes(shown: list[bool], cap: int, marks: str) -> None:
    site = Site(shown, cap, None, marks)
    assert site.read() == site.visible or site.doubts()
    assert len(site.asked) <= (len(site.visible) + 1) * (MAX_BARREN_PAGES + 1)


@given(st.integers(0, 60), st.integers(1, 9))
def test_a_flat_array_comes_whole_and_costs_one_look_beyond_its_end(rows: int, cap: int) -> None:
    site = Site([True] * rows, cap, width=False)
    assert site.read() == site.visible and site.doubts() == ()
    pages = -(-rows // cap)
    assert len(site.asked) == pages + 2 if rows else len(site.asked) <= 6


@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 5))
def test_a_flat_array_is_read_over_an_empty_window_and_doubted(
    cap: int, before: int, after: int
) -> None:
    shown = [True] * cap * before + [False] * cap + [True] * cap * after
    site = Site(shown, cap, width=False)
    assert site.read() == site.visible
    assert any("before its end" in doubt for doubt in site.doubts())


@pytest.mark.parametrize("holes", [1, 2, 3, 4])
@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_flat_array_whose_pages_are_cut_is_read_over_several_empty_windows(
    holes: int, before: int
) -> None:
    """Fifty of a thousand that were asked for look like a limit, and not like the end."""
    site = Site([True] * 50 * before + [False] * 50 * holes + [True] * 70, 50, width=False)
    assert site.read() == site.visible
    assert len(site.asked) <= before + holes + 8


@given(windows, st.integers(1, 9))
def test_flat_arrays_lose_nothing_when_rows_are_filtered_after_the_cut(
    shown: list[bool], cap: int
) -> None:
    shown = [is_shown or n % cap == 0 for n, is_shown in enumerate(shown)]
    site = Site(shown, cap, width=False)
    assert site.read(cap) == site.visible


def test_an_empty_page_that_says_it_is_not_the_last_is_none() -> None:
    site = Site([True] * 20 + [False] * 10 + [True] * 15, 10, None, "right")
    assert site.read() == site.visible and site.doubts() == ()


def test_a_total_that_is_only_what_came_so_far_does_not_end_a_list_that_goes_on() -> None:
    site = Site([True] * 25, 10, None, "right")

    def so_far(start: int, size: int) -> OffsetPage[int]:
        page = site.fetch(start, size)
        return OffsetPage(page.items, start, 10, start + len(page.items), page.is_last)

    read = {n for page in offset_pages(so_far, site.listing, SIZE) for n in page.items}
    assert read == site.visible and site.doubts() == ()


def test_a_list_that_shrinks_while_it_is_read_is_doubted() -> None:
    site = Site([True] * 25, 10)

    def shrinking(start: int, size: int) -> OffsetPage[int]:
        page = site.fetch(start, size)
        return OffsetPage(page.items, start, 10, 25 - len(site.asked))

    list(offset_pages(shrinking, site.listing, SIZE))
    assert any("while it was read" in doubt for doubt in site.doubts())


def test_a_list_that_ignores_where_it_is_asked_to_start_ends_and_is_doubted() -> None:
    for marks, total in (("none", None), ("no", None), ("none", 50)):
        site = Site([True] * 10, 10, total, marks)

        def ignoring(_: int, size: int, site: Site = site) -> OffsetPage[int]:
            return site.fetch(0, size)

        read = {n for page in offset_pages(ignoring, site.listing, SIZE) for n in page.items}
        assert read == site.visible and site.doubts()
        assert len(site.asked) <= MAX_BARREN_PAGES + 1


@pytest.mark.parametrize("width", [0, None, -3])
def test_a_width_that_is_none_still_moves_on(width: int | None) -> None:
    site = Site([True] * 20 + [False] * 10 + [True] * 5, 10, 35, "right")

    def odd(start: int, size: int) -> OffsetPage[int]:
        page = site.fetch(start, size)
        return OffsetPage(page.items, start, width, 35, page.is_last)

    read = {n for page in offset_pages(odd, site.listing, SIZE) for n in page.items}
    assert read == site.visible and len(site.asked) < 10


def test_a_window_that_says_it_starts_elsewhere() -> None:
    """Always 0: an echo. At a multiple of its width: it overlaps. Further on: rows are missing."""
    for told, doubted in ((lambda at: 0, False), (lambda at: at // 10 * 10, False)):
        site = Site([True] * 35, 10, 35)

        def echo(start: int, size: int, site: Site = site, told=told) -> OffsetPage[int]:  # type: ignore[no-untyped-def]
            items = site.fetch(told(start) or start, size).items
            return OffsetPage(items, told(start), 10, 35)

        read = {n for page in offset_pages(echo, site.listing, SIZE) for n in page.items}
        assert (read == site.visible) != doubted and bool(site.doubts()) == doubted

    site = Site([True] * 35, 10, 35)
    pages = offset_pages(
        lambda at, size: OffsetPage(site.fetch(at and at + 5, size).items, at and at + 5, 10, 35),
        site.listing,
        SIZE,
    )
    assert len({n for page in pages for n in page.items}) < 35
    assert any("was asked for" in doubt for doubt in site.doubts())


def test_a_page_too_large_to_hold_is_halved() -> None:
    site = Site([True] * 40, SIZE, 40)

    def limited(start: int, size: int) -> OffsetPage[int]:
        if size > 6:
            raise AnswerTooLarge("GET /numbers", 2**20)
        return site.fetch(start, size)

    read = {n for page in offset_pages(limited, site.listing, 100) for n in page.items}
    assert read == site.visible
    with pytest.raises(AnswerTooLarge):
        list(offset_pages(_too_large, site.listing, 8))


@given(st.lists(st.integers(), max_size=40), st.integers(1, 12), st.integers(1, 12))
def test_a_bulk_read_too_large_to_hold_is_asked_in_parts(
    ids: list[int], most: int, limit: int
) -> None:
    def ask(some: list[int]) -> list[int]:
        if len(some) > limit:
            raise AnswerTooLarge("POST /bulk", 2**20)
        return list(some)

    parts = list(fitting_parts(ids, most, ask))  # type: ignore[arg-type]
    assert [n for some, _ in parts for n in some] == ids
    assert all(list(some) == answer for some, answer in parts)


def test_a_cancel_ends_the_paging_between_requests() -> None:
    site = Site([True] * 100, 10, 100)
    listing = Listing.of("numbers", a_context(cancelled=lambda: len(site.asked) >= 3))
    with pytest.raises(FatalError) as stopped:
        list(offset_pages(site.fetch, listing, SIZE))
    assert stopped.value.code == "CANCELLED" and len(site.asked) == 3


def test_windows_without_end_are_a_loop() -> None:
    listing = Listing.of("numbers", a_context())
    with pytest.raises(FatalError) as loop:
        list(offset_pages(lambda at, _: OffsetPage([at]), listing, 1, max_pages=10))
    assert loop.value.code == "PAGINATION_LOOP"


def _too_large(start: int, size: int) -> OffsetPage[int]:
    raise AnswerTooLarge("GET /numbers", 2**20)
