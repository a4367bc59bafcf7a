"""Paging reads every row and always ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError
from inlet_sdk.http.pagination import (
    OffsetPage,
    Page,
    array_pages,
    next_link,
    offset_pages,
    token_pages,
)
from inlet_sdk.http.prefetch import prefetched


@given(st.lists(st.integers(0, 4)))
def test_token_pages_yield_every_page_short_or_empty(sizes: list[int]) -> None:
    sizes = [
        max(size, i % 3 == 0) for i, size in enumerate(sizes)
    ]  # never three empty pages in a row
    tokens = [None, *(f"t{i}" for i in range(1, len(sizes)))]
    pages = {
        t: Page([t] * size, tokens[i + 1] if i + 1 < len(sizes) else None)
        for i, (t, size) in enumerate(zip(tokens, sizes, strict=False))
    }
    read = [len(page.items) for page in token_pages(lambda t: pages.get(t, Page([])))]
    assert read == (sizes or [0])


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"]])
def test_a_token_given_twice_is_a_loop(tokens: list[str]) -> None:
    answers = iter([Page([1], token) for token in tokens] + [Page([1])])
    with pytest.raises(FatalError) as loop:
        list(token_pages(lambda _: next(answers)))
    assert loop.value.code == "PAGINATION_LOOP"


def test_empty_pages_that_promise_more_are_a_loop() -> None:
    numbers = iter(range(100))
    with pytest.raises(FatalError) as loop:
        list(token_pages(lambda _: Page([], str(next(numbers)))))
    assert loop.value.code == "PAGINATION_LOOP"
    assert next(numbers) < 5


def test_pages_without_end_are_a_loop() -> None:
    numbers = iter(range(100))
    with pytest.raises(FatalError) as loop:
        list(token_pages(lambda _: Page([1], str(next(numbers))), max_pages=10))
    assert loop.value.code == "PAGINATION_LOOP"
    for endless in (
        lambda: offset_pages(lambda at: OffsetPage([1], at), max_pages=10),
        lambda: array_pages(lambda at: [at], 1, max_pages=10),
    ):
        with pytest.raises(FatalError):
            list(endless())


@given(st.integers(0, 40), st.integers(1, 9), st.booleans(), st.booleans())
def test_offset_pages_read_every_row_whatever_the_site_caps_pages_at(
    rows: int, cap: int, tells_total: bool, tells_last: bool
) -> None:
    def fetch(start: int) -> OffsetPage[int]:
        items = list(range(rows))[start : start + cap]
        last = start + cap >= rows
        return OffsetPage(
            items, start, cap, rows if tells_total else None, last if tells_last else None
        )

    assert [n for page in offset_pages(fetch) for n in page.items] == list(range(rows))


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 5))
def test_offset_pages_lose_nothing_when_rows_are_filtered_after_the_cut(
    visible: list[bool], cap: int
) -> None:
    def fetch(start: int) -> OffsetPage[int]:
        window = range(start, min(start + cap, len(visible)))
        return OffsetPage([n for n in window if visible[n]], start, cap, len(visible))

    read = {n for page in offset_pages(fetch) for n in page.items}
    assert read == {n for n, seen in enumerate(visible) if seen}


@given(st.integers(0, 40), st.integers(1, 9))
def test_flat_arrays_end_with_an_empty_page(rows: int, cap: int) -> None:
    read = [
        n
        for _, items in array_pages(lambda start: list(range(rows))[start : start + cap], 9)
        for n in items
    ]
    assert read == list(range(rows))


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 5))
def test_flat_arrays_lose_nothing_when_rows_are_filtered_after_the_cut(
    visible: list[bool], size: int
) -> None:
    visible = [
        seen or n % size == 0 for n, seen in enumerate(visible)
    ]  # no window is wholly hidden: that is the end mark

    def fetch(start: int) -> list[int]:
        return [n for n in range(start, min(start + size, len(visible))) if visible[n]]

    read = {n for _, items in array_pages(fetch, size) for n in items}
    assert read == {n for n, seen in enumerate(visible) if seen}


def test_a_flat_array_that_ignores_its_start_is_a_loop() -> None:
    calls: list[int] = []

    def fetch(start: int) -> list[int]:
        calls.append(start)
        return [1, 2, 3]

    with pytest.raises(FatalError) as loop:
        list(array_pages(fetch, 100))
    assert loop.value.code == "PAGINATION_LOOP" and len(calls) == 3


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
