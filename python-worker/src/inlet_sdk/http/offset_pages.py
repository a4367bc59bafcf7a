"""Paging by offset, with whatever the vendor tells of the end: a total, an end mark, both or
nothing.

An empty window is no proof of the end: vendors filter windows after cutting them. Where more is
announced, windows behind it are looked at, MAX_BARREN_PAGES in a row; where nothing is said of the
end, as in flat arrays, LOOK_BEYOND more than the first empty one, or LOOK_BEYOND_DOUBTED.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from inlet_sdk.http.listing import Listing
from inlet_sdk.http.page_size import PageSize
from inlet_sdk.http.pagination import (
    MAX_BARREN_PAGES,
    MAX_PAGES,
    barren,
    endless,
    itself,
    said_of_itself,
)

T = TypeVar("T")
LOOK_BEYOND = 1
LOOK_BEYOND_DOUBTED = 4
"""Windows behind an empty one: of a flat array that had a hole, whose pages the vendor cuts, or
that showed nothing at all.
"""
USUAL_WIDTH = 50


@dataclass(frozen=True)
class OffsetPage(Generic[T]):
    """One page, with what the vendor *answered* (not what was asked); None where it says nothing.
    `errors` are its words of what is wrong. `next_start` is set by `offset_pages`: where the next
    page starts, None after the last.
    """

    items: Sequence[T]
    start: int | None = None
    max_results: int | None = None
    total: int | None = None
    is_last: bool | None = None
    errors: str = ""
    next_start: int | None = None


def offset_pages(
    fetch: Callable[[int, int], OffsetPage[T]],
    listing: Listing,
    size: int,
    start: int = 0,
    *,
    key: Callable[[T], Hashable] = itself,
    max_pages: int = MAX_PAGES,
) -> Iterator[OffsetPage[T]]:
    """Pages of `fetch(start, size)`. The next one starts after what came, not after what was asked:
    a vendor may cap pages; where it filters them, they overlap and items repeat. `key` tells items
    apart.
    """
    walk, asked = _Walk(listing, start), PageSize(size)
    for _ in range(max_pages):
        listing.check()
        page = asked.fitting(partial(fetch, walk.at))
        after = walk.after(page, {hash(key(item)) for item in page.items}, asked.now)
        yield replace(page, next_start=after)
        if after is None:
            return

    raise endless(max_pages)


class _Walk:
    """Where a reading is, and what its windows have shown."""

    def __init__(self, listing: Listing, start: int) -> None:
        self.at = start
        self._listing = listing
        self._began = start
        self._seen: set[int] = set()
        self._widest = 0
        self._barren = 0
        self._has_holes = False
        self._total: int | None = None

    def after(self, page: OffsetPage[Any], keys: set[int], asked: int) -> int | None:
        """Takes a window. Where the next one begins; None at the end, with what was doubtful
        told.
        """
        begins = self._begins(page)
        self._hold_against(page, bool(keys - self._seen))
        self._seen |= keys

        if self._is_end(page, begins, asked):
            self._tell_what_is_missing()
            return None
        self.at = begins + self._step(page, asked)
        return self.at

    def _begins(self, page: OffsetPage[Any]) -> int:
        """Where it says that it begins, if that brings us on: some windows begin at a multiple of
        their width, and some vendors say 0 of each.
        """
        told = page.start
        if told is None or told == self.at:
            return self.at
        if told > self.at:
            self._listing.doubt(f"starts at {told} where {self.at} was asked for")
            return told
        return told if told + len(page.items) > self.at else self.at

    def _hold_against(self, page: OffsetPage[Any], brings_new: bool) -> None:
        if page.errors:
            self._listing.doubt(said_of_itself(page.errors))
        if page.total is not None:
            if self._total is not None and page.total < self._total:
                self._listing.doubt(
                    f"went from {self._total} entries to {page.total} while it was read"
                )
            self._total = page.total

        if brings_new and self._barren:
            self._has_holes = True
        self._barren = 0 if brings_new else self._barren + 1
        self._widest = max(self._widest, len(page.items))

    def _is_end(self, page: OffsetPage[Any], begins: int, asked: int) -> bool:
        came, total = begins + len(page.items), page.total
        if total is not None and came > total:
            total = None  # it showed more than there are, so the number says nothing
        if page.is_last is None and total is None:
            return self._is_end_of_array(page, asked)

        reach = begins + max(len(page.items), page.max_results or 0)
        says_so = page.is_last or (page.is_last is None and total is not None and came >= total)
        if says_so and (total is None or reach >= total or not page.items):
            return True
        if self._barren >= MAX_BARREN_PAGES:
            self._listing.doubt(barren())
            return True
        return False

    def _is_end_of_array(self, page: OffsetPage[Any], asked: int) -> bool:
        if page.items:
            if self._barren < MAX_BARREN_PAGES:
                return False
            self._listing.doubt("shows the same wherever it is asked to start")
            return True

        looks_on = self._has_holes or not self._seen or self._is_capped(asked)
        looks = LOOK_BEYOND_DOUBTED if looks_on else LOOK_BEYOND
        if self._barren <= looks:
            return False
        if self._has_holes:
            self._listing.doubt("has empty pages before its end, which so cannot be proven")
        return True

    def _is_capped(self, asked: int) -> bool:
        """Pages of a round number of records, fewer than asked for, are cut by the vendor: what
        looks like the end of a short list may be a hole in a long one.
        """
        return self._widest < asked and self._widest % USUAL_WIDTH == 0

    def _step(self, page: OffsetPage[Any], asked: int) -> int:
        if page.items and not self._barren:
            return len(page.items)
        width = max(0, page.max_results or 0) or self._widest or min(asked, USUAL_WIDTH)
        return width << (self._barren - 1) if page.items else width

    def _tell_what_is_missing(self) -> None:
        showed = self._began + len(self._seen)
        if self._total is not None and showed < self._total:
            self._listing.doubt(f"says that it has {self._total} entries, and showed {showed}")
