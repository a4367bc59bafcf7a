"""The ways vendors page, each a generator over a fetch function, each with a guard against pages
that never end.

A page is yielded as soon as it is read. A loop raises FatalError `PAGINATION_LOOP`: stopping
quietly would lose rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from inlet_sdk.errors import FatalError

T = TypeVar("T")
MAX_PAGES = 100_000
MAX_EMPTY_PAGES = 3


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page. `next` is the token or URL of the page after it, None at the end."""

    items: Sequence[T]
    next: str | None = None


P = TypeVar("P", bound=Page[Any])


@dataclass(frozen=True)
class OffsetPage(Generic[T]):
    """One page of offset paging, with what the vendor *answered* (not what was asked); None where
    it says nothing.
    """

    items: Sequence[T]
    start: int
    max_results: int | None = None
    total: int | None = None
    is_last: bool | None = None

    @property
    def next_start(self) -> int | None:
        """Where the next page starts. A short page that is not the last overlaps rather
        than skips.
        """
        if self.is_last:
            return None
        after = self.start + (len(self.items) or self.max_results or 0)
        if after == self.start or (self.total is None and not self.items):
            return None
        return None if self.total is not None and after >= self.total else after


def token_pages(
    fetch: Callable[[str | None], P], first: str | None = None, max_pages: int = MAX_PAGES
) -> Iterator[P]:
    """Pages by token or next URL: the last has no `next`. A short or empty page is not the end."""
    seen = {first}
    empty = 0
    at = first

    for _ in range(max_pages):
        page = fetch(at)
        empty = 0 if page.items else empty + 1
        yield page

        if page.next is None:
            return
        if page.next in seen:
            raise _loop("a page token was given twice")
        if empty >= MAX_EMPTY_PAGES:
            raise _loop(f"{empty} empty pages in a row, with more announced")
        at = page.next
        seen.add(at)

    raise _loop(f"more than {max_pages} pages")


def offset_pages(
    fetch: Callable[[int], OffsetPage[T]], start: int = 0, max_pages: int = MAX_PAGES
) -> Iterator[OffsetPage[T]]:
    """Pages by startAt and maxResults."""
    at = start
    for _ in range(max_pages):
        page = fetch(at)
        yield page

        after = page.next_start
        if after is None:
            return
        if after <= at:
            raise _loop("a page starts where the one before did")
        at = after

    raise _loop(f"more than {max_pages} pages")


def array_pages(
    fetch: Callable[[int], Sequence[T]], size: int, start: int = 0, max_pages: int = MAX_PAGES
) -> Iterator[tuple[int, Sequence[T]]]:
    """Flat arrays without an end mark: (next start, items) until a page is empty. `size` is what
    `fetch` asks for.

    The next page starts after what came, not after what was asked: a vendor may cap pages. Where it
    filters them after cutting, they overlap and items repeat. The same page again means that its
    whole window was seen; a third time, that the vendor ignores where we are.
    """
    at, repeats = start, 0
    before: Sequence[T] | None = None

    for _ in range(max_pages):
        items = fetch(at)
        if not items:
            return
        repeats = repeats + 1 if items == before else 0
        if repeats > 1:
            raise _loop("the same page comes wherever it is asked to start")
        at += size if repeats else len(items)
        before = items
        yield at, items

    raise _loop(f"more than {max_pages} pages")


def next_link(headers: Mapping[str, str]) -> str | None:
    """The rel="next" URL of a Link header (RFC 8288)."""
    for url, parameters in re.findall(r"<([^>]*)>([^<]*)", headers.get("Link", "")):
        rel = re.search(r';\s*rel\s*=\s*"?([^";,]*)', parameters, re.IGNORECASE)
        if rel and "next" in rel[1].lower().split():
            return str(url)
    return None


def _loop(what: str) -> FatalError:
    return FatalError(
        "PAGINATION_LOOP", f"The source's pages do not end: {what}. Report it with the run's id."
    )
