"""Paging by token reads every row, always ends, and tells what contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.pagination import MAX_BARREN_PAGES, Page, next_link, token_pages
from inlet_sdk.http.prefetch import prefetched
from inlet_sdk.testing.contexts import a_context


def a_listing() -> Listing:
    return Listing.of("things", a_context())


@given(st.lists(st.integers(0, 4)))
def test_token_pages_yield_every_page_short_or_empty(sizes: list[int]) -> None:
    sizes = [max(size, i % 3 == 0) for i, size in enumerate(sizes)]  # never ten empty in a row
    tokens = [None, *(f"t{i}" for i in range(1, len(sizes)))]
    pages = {
        t: Page([(t, n) for n in range(size)], tokens[i + 1] if i + 1 < len(sizes) else None)
        for i, (t, size) in enumerate(zip(tokens, sizes, strict=False))
    }
    listing = a_listing()
    read = [len(page.items) for page in token_pages(lambda t: pages.get(t, Page([])), listing)]
    assert read == (sizes or [0]) and listing.doubts.take() == ()


def test_a_token_beside_an_end_mark_is_followed() -> None:
    pages = {None: Page([1], "a", is_last=True), "a": Page([2], None, is_last=True)}
    listing = a_listing()
    read = [n for page in token_pages(pages.__getitem__, listing) for n in page.items]
    assert read == [1, 2] and listing.doubts.take() == ()


def test_a_token_that_was_handed_out_with_an_end_mark_and_is_refused_was_the_end() -> None:
    def fetch(at: str | None) -> Page[int]:
        if at == "a":
            raise FatalError("VALIDATION_ERROR", "No such token.")
        return Page([1], "a", is_last=True)

    listing = a_listing()
    *_, last = token_pages(fetch, listing)
    assert last.next is None and not last.open_end and listing.doubts.take() == ()


OPEN_ENDS = {
    "an empty page where more was announced": (
        [Page([1], "a", is_last=False), Page([], None, is_last=True)],
        "nothing new there",
    ),
    "the first page again where more was announced": (
        [Page([1], "a", is_last=False), Page([1], None, is_last=True)],
        "nothing new there",
    ),
    "the token it was asked with": ([Page([1], "a"), Page([2], "a")], "twice"),
    "a cycle of tokens": ([Page([n], "abca"[n]) for n in range(4)], "twice"),
    "more announced and no token": ([Page([1], None, is_last=False)], "not where"),
    "a total that did not come": ([Page([1], "a"), Page([2], None, total=3)], "ends after 2"),
    "an error": ([Page([1], "a"), Page([], None, is_last=True, errors="rebuilt")], "an error"),
}


@pytest.mark.parametrize(("answers", "word"), OPEN_ENDS.values(), ids=OPEN_ENDS)
def test_an_end_that_contradicts_itself_is_a_doubt(answers: list[Page[int]], word: str) -> None:
    listing, left = a_listing(), iter(answers)
    *_, last = token_pages(lambda _: next(left), listing)
    assert last.next is None and word in last.open_end
    assert any(word in doubt for doubt in listing.doubts.take())


def test_a_reader_that_restates_is_told_the_open_end_and_doubts_by_itself() -> None:
    listing = a_listing()
    pages = token_pages(lambda _: Page([1], None, is_last=False), listing, restates=True)
    assert [bool(page.open_end) for page in pages] == [True]
    assert listing.doubts.take() == ()


def test_an_empty_last_page_holds_up_who_restates_and_nobody_else() -> None:
    for restates in (True, False):
        pages = {None: Page([1], "a"), "a": Page([], None)}
        listing = a_listing()
        *_, last = token_pages(pages.__getitem__, listing, restates=restates)
        assert bool(last.open_end) == restates and listing.doubts.take() == ()


def test_words_of_what_is_wrong_are_a_doubt_wherever_they_stand() -> None:
    pages = {None: Page([1], "a", errors="shard 3 is down"), "a": Page([2])}
    listing = a_listing()
    assert len(list(token_pages(pages.__getitem__, listing))) == 2
    (doubt,) = listing.doubts.take()
    assert "shard 3 is down" in doubt and "list of things" in doubt


@pytest.mark.parametrize("period", [0, 1, 3])
def test_pages_that_bring_nothing_new_end_within_a_stated_number(period: int) -> None:
    """Empty ones, one that comes again, and three that come in turn: each under a new token."""
    numbers = iter(range(10_000))
    asked: list[str | None] = []

    def fetch(at: str | None) -> Page[int]:
        asked.append(at)
        return Page([len(asked) % period] if period else [], str(next(numbers)))

    listing = a_listing()
    *_, last = token_pages(fetch, listing)
    assert len(asked) == period + MAX_BARREN_PAGES
    assert "nothing new" in last.open_end and listing.doubts.take()


def test_a_few_empty_pages_are_no_end() -> None:
    def fetch(at: str | None) -> Page[int]:
        n = int(at or 0)
        return Page([] if 0 < n < MAX_BARREN_PAGES else [n], str(n + 1) if n < 30 else None)

    listing = a_listing()
    read = [n for page in token_pages(fetch, listing) for n in page.items]
    assert read == [0, *range(MAX_BARREN_PAGES, 31)] and listing.doubts.take() == ()


def test_pages_without_end_are_a_loop() -> None:
    numbers = iter(range(100))
    with pytest.raises(FatalError) as loop:
        list(token_pages(lambda _: Page([n := next(numbers)], str(n)), a_listing(), max_pages=10))
    assert loop.value.code == "PAGINATION_LOOP"


def test_a_cancel_ends_the_paging_between_requests() -> None:
    asked: list[str | None] = []
    listing = Listing.of("things", a_context(cancelled=lambda: len(asked) >= 3))

    def fetch(at: str | None) -> Page[int]:
        asked.append(at)
        return Page([len(asked)], str(len(asked)))

    with pytest.raises(FatalError) as stopped:
        list(token_pages(fetch, listing))
    assert stopped.value.code == "CANCELLED" and len(asked) == 3


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (
            '<https://a/x?page=2>; rel="next", <https://a/x?page=9>; rel="last"',
            "https://a/x?page=2",
        ),
        (
            '<https://a/x?q=1,2>; rel="prev", <https://a/y?q=1,2>; title="t"; rel=next',
            "https://a/y?q=1,2",
        ),
        ('<https://a/x>; rel="last"', None),
        ("", None),
    ],
)
def test_a_link_header_names_the_next_page(link: str, url: str | None) -> None:
    assert next_link({"Link": link}) == url


def test_prefetch_keeps_order_and_passes_the_error_on() -> None:
    def pages() -> Iterator[int]:
        yield from range(5)
        raise FatalError("API_GONE", "Gone.")

    read: list[int] = []
    with pytest.raises(FatalError, match="Gone"):
        for page in prefetched(pages()):
            read.append(page)
    assert read == [0, 1, 2, 3, 4]


def test_prefetch_reads_one_ahead_and_stops_with_its_consumer() -> None:
    asked: list[int] = []

    def pages() -> Iterator[int]:
        for n in range(1000):
            asked.append(n)
            yield n

    reader = prefetched(pages())
    assert next(reader) == 0
    reader.close()
    assert len(asked) <= 4
