"""Windows of an order of issues, several read at once. They are cut from a list of ids, which says
where, and never what there is: each window is a search of its own, with the proofs of its end.
Whatever contradicts the list, or itself, is left unread: the chain of pages takes up there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import msgspec
from msgspec import Raw

from inlet_sdk.errors import FatalError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Long, is_id, to_id
from inlet_sdk.http.end_marks import NOTHING, token
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.in_flight import Depth, in_order
from inlet_sdk.http.json_record import parse_page
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.pagination import token_pages
from inlet_sdk.http.prefetch import prefetched
from inlet_sdk.http.request import Request
from inlet_sdk.ports.doubts import Doubts
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.issue_order import IssueOrder, Keys, Window
from inlet_worker.sources.jira.scope import API
from inlet_worker.sources.jira.search import (
    FoundIssue,
    SearchPage,
    fetch_search,
    identity,
    search_body,
)

IDS_PER_LIST = 5000
LEAST_WINDOWS = 4
"""Fewer of a list that has more behind it are not worth the listing."""
MOST_PAGES = 12
MOST_BYTES = 16 * 2**20
"""Of an answer that is read ahead; the chain of pages reads larger ones."""
MORE = "more follows"
"""In place of the token of a page that is not the last of the reading."""


class ListedId(msgspec.Struct):
    id: str | Long


class ListedIds(msgspec.Struct):
    issues: list[ListedId]
    nextPageToken: Raw = NOTHING


@dataclass(frozen=True)
class Stretch:
    """The windows of one list. `is_last`: what is behind them is the rest of the order."""

    windows: Sequence[Window]
    is_last: bool


@dataclass(frozen=True)
class ReadWindow:
    """`pages` are None where something contradicts."""

    pages: Sequence[SearchPage] | None

    @property
    def size(self) -> int:
        return sum(page.size for page in self.pages or ())


_ids = msgspec.json.Decoder(ListedIds)


class IssueWindows:
    """From where reading is, for the projects `keys`. A page is asked for `size` issues, of which
    the site gives `page_holds`.
    """

    def __init__(
        self,
        http: HttpEndpoint,
        fields: Sequence[str],
        order: IssueOrder,
        keys: Keys,
        size: int,
        page_holds: int,
        context: IngestionContext,
    ) -> None:
        self._http = http
        self._fields = fields
        self._order = order
        self._keys = keys
        self._size = size
        self._page_holds = page_holds
        self._context = context
        self._first: Stretch | None = None
        self.read = 0
        """Windows that were handed on."""

    def begin(self) -> bool:
        """Whether there are windows to be read."""
        self._first = self._stretch(self._order.begin())
        return self._first is not None

    def pages(self, depth: Depth) -> Iterator[SearchPage]:
        """Of all windows that can be read for certain, in order. None says that it is the last."""
        fetches = (
            partial(self._window, window)
            for stretch in prefetched(self._stretches())
            for window in stretch.windows
        )
        with closing(in_order(fetches, depth, lambda window: window.size)) as windows:
            for window in windows:
                if window.pages is None:
                    return
                self.read += 1
                yield from (replace(page, next=MORE) for page in window.pages)

    def _stretches(self) -> Iterator[Stretch]:
        stretch = self._first
        while stretch is not None:
            yield stretch
            if stretch.is_last:
                return
            stretch = self._stretch(stretch.windows[-1].high)

    def _stretch(self, low: int) -> Stretch | None:
        """None where the list cannot be used."""
        try:
            ids, is_last = self._listed(low)
            times = self._times(self._order.sampled(ids, self._page_holds))
        except FatalError as error:
            if error.code == "CANCELLED":
                raise
            return None

        # The chain of pages reads the last ones, with the proof of the end.
        windows = self._order.windows(low, ids, self._page_holds, times)
        windows = windows[:-1] if is_last else windows
        if not windows or (len(windows) < LEAST_WINDOWS and not is_last):
            return None
        return Stretch(windows, is_last)

    def _listed(self, low: int) -> tuple[list[int], bool]:
        def decode(answer: HttpAnswer) -> tuple[list[int], bool]:
            found = parse_page(answer.body, _ids)[0]
            told = [str(issue.id) for issue in found.issues]
            return [to_id(id_) for id_ in told if is_id(id_)], token(found.nextPageToken) is None

        text = self._order.between(low, None, self._keys)
        body = search_body(text, ("id",), IDS_PER_LIST)
        request = Request(f"{API}/search/jql", "POST", body=body, points=1 + IDS_PER_LIST)
        return self._http.fetch(request, decode, self._context)

    def _times(self, ids: Sequence[int]) -> dict[int, int]:
        if not ids:
            return {}
        body = search_body(jql.issues_of(ids, self._keys), ("updated",), len(ids))
        page = fetch_search(self._http, body, self._context)
        found = [item for item in page.items if isinstance(item, FoundIssue)]
        return {issue.id: issue.updated for issue in found if issue.updated is not None}

    def _window(self, window: Window) -> ReadWindow:
        """A window whole, as no other one of the reading: its doubts are only a reason to read it
        by the chain of pages, which has them again if they stay.
        """
        text = self._order.between(window.low, window.high, self._keys)
        doubts = Doubts()
        listing = Listing("issues", self._context, doubts)
        pages: list[SearchPage] = []
        try:
            for page in token_pages(
                partial(self._page, text), listing, key=identity, restates=True
            ):
                issues = [item for item in page.items if isinstance(item, FoundIssue)]
                if page.open_end or page.errors or self._order.is_beyond(window, issues):
                    return ReadWindow(None)
                pages.append(page)
                if len(pages) > MOST_PAGES:
                    return ReadWindow(None)
        except FatalError as error:
            if error.code == "CANCELLED":
                raise
            return ReadWindow(None)

        came = {item_id(item) for item in chain.from_iterable(page.items for page in pages)}
        return ReadWindow(None if doubts.take() or not window.named <= came else pages)

    def _page(self, text: str, at: str | None) -> SearchPage:
        body = search_body(text, self._fields, self._size, at)
        return fetch_search(self._http, body, self._context, MOST_BYTES)


def item_id(item: object) -> int | None:
    """Of a record that is set aside, too."""
    if isinstance(item, FoundIssue):
        return item.id
    key = getattr(item, "key", None)
    return to_id(key) if isinstance(key, str) and is_id(key) else None
