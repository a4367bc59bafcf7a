"""The ways vendors page. Here by token; by offset in `offset_pages.py`.

A page is yielded as soon as it is read. A token that is there is followed, whatever an end mark
says. Where the pages contradict each other, reading ends with a doubt about the listing, which
becomes the run's evidence: stopping quietly would lose rows, and failing would lose those that
came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from inlet_sdk.errors import FatalError
from inlet_sdk.http.listing import Listing

T = TypeVar("T")
MAX_PAGES = 100_000
MAX_BARREN_PAGES = 10
"""Pages in a row that bring nothing new. Some vendors filter pages after cutting them, so an empty
one, or a few, prove nothing.
"""


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page. `next` is the token of the page after it, None at the end; `is_last` and `total`
    are None where the vendor says nothing; `errors` are its words of what is wrong; `size` is that
    of its answer in bytes, where a reader counts them.

    open_end: set by `token_pages` on the last page, where nothing proves that there is no more: the
        reason, as in "the list …".
    """

    items: Sequence[T]
    next: str | None = None
    is_last: bool | None = None
    total: int | None = None
    errors: str = ""
    open_end: str = ""
    size: int = 0


P = TypeVar("P", bound=Page[Any])


def itself(item: Any) -> Hashable:
    return cast("Hashable", item)


def token_pages(
    fetch: Callable[[str | None], P],
    listing: Listing,
    first: str | None = None,
    *,
    key: Callable[[Any], Hashable] = itself,
    restates: bool = False,
    max_pages: int = MAX_PAGES,
) -> Iterator[P]:
    """Pages by token. A short or empty page is not the end. `key` tells items apart. An open end is
    a doubt, unless the reader `restates` what it asks for from where it is, and doubts only then.
    """
    tokens, novelty = {first}, Novelty()
    at, came = first, 0
    before: P | None = None

    for _ in range(max_pages):
        listing.check()
        try:
            page = fetch(at)
        except FatalError as e:
            if before is None or not before.is_last or e.code != "VALIDATION_ERROR":
                raise
            # Two say that this is the end: the mark of the page before, and its token.
            yield replace(before, items=(), next=None, errors="")
            return

        came += len(page.items)
        is_barren = novelty.lacks(map(key, page.items))
        open_end = _open_end(page, came, tokens, is_barren) or (
            _broken_promise(before, novelty, restates) if page.next is None else ""
        )
        if page.errors:
            listing.doubt(said_of_itself(page.errors))
        if open_end and not restates:
            listing.doubt(open_end)
        yield replace(page, next=None, open_end=open_end) if open_end else page

        if page.next is None or open_end:
            return
        before, at = page, page.next
        tokens.add(at)

    raise endless(max_pages)


class Novelty:
    """Whether pages still bring anything: a page that came before in this cut, in whatever order,
    brings nothing.
    """

    def __init__(self) -> None:
        self._pages: set[int] = set()
        self._barren = 0

    @property
    def is_barren(self) -> bool:
        """Whether the last page brought nothing."""
        return self._barren > 0

    def lacks(self, keys: Iterable[Hashable]) -> bool:
        """Takes a page. True when it is the last of too many that brought nothing."""
        of_page = frozenset(keys)
        page = hash(of_page)
        is_barren = not of_page or page in self._pages
        self._barren = self._barren + 1 if is_barren else 0
        self._pages.add(page)
        return self._barren >= MAX_BARREN_PAGES


def said_of_itself(errors: str) -> str:
    return f"says of itself: {errors}"


def barren() -> str:
    return f"shows nothing new on {MAX_BARREN_PAGES} pages in a row, and says that more follows"


def endless(pages: int) -> FatalError:
    return FatalError(
        "PAGINATION_LOOP",
        f"The source's pages do not end: more than {pages} pages. Report it with the run's id.",
    )


def _open_end(page: Page[Any], came: int, tokens: set[str | None], is_barren: bool) -> str:
    if page.next in tokens - {None}:
        return "hands out the same page token twice"
    if page.next is not None:
        return barren() if is_barren else ""

    if page.errors:
        return "ends with an error"
    if page.is_last is False:
        return "says that more follows, and not where"
    if page.total is not None and page.total > came:
        return f"says that it has {page.total} entries, and ends after {came}"
    return ""


def _broken_promise(before: Page[Any] | None, novelty: Novelty, restates: bool) -> str:
    """A last page that is empty, or came before, where the page before it announced more. Where a
    token is all that announces it, only a reader that restates is held up: that costs it a request.
    """
    if before is None or not novelty.is_barren:
        return ""
    announced = before.is_last is False or (restates and not before.is_last)
    return "announces more, and shows nothing new there" if announced else ""


def next_link(headers: Mapping[str, str]) -> str | None:
    """The rel="next" URL of a Link header (RFC 8288)."""
    for url, parameters in re.findall(r"<([^>]*)>([^<]*)", headers.get("Link", "")):
        rel = re.search(r';\s*rel\s*=\s*"?([^";,]*)', parameters, re.IGNORECASE)
        if rel and "next" in rel[1].lower().split():
            return str(url)
    return None
