"""Pages of `search/jql` in their order: one after the other, read one ahead, or in windows of which
several are read at once. Page tokens live and die here: nothing outside ever needs one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice

from inlet_sdk.errors import FatalError
from inlet_sdk.http.body import AnswerTooLarge
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.in_flight import Depth
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.page_size import PageSize
from inlet_sdk.http.pagination import said_of_itself, token_pages
from inlet_sdk.http.prefetch import prefetched
from inlet_sdk.ports.doubts import UNEXPECTED_RESPONSE
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, SourceWarning
from inlet_sdk.units.feed import FeedPage
from inlet_worker.sources.jira.issue_order import IssueOrder
from inlet_worker.sources.jira.issue_windows import LEAST_WINDOWS, IssueWindows
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.search import (
    PAGE_SIZE,
    FoundIssue,
    SearchPage,
    fetch_search,
    identity,
    search_body,
)

MAX_RESTARTS = 3
"""How often a query is put again from the same place after its page token was refused."""
CHAINED_PAGES = 3
"""Read one after the other before windows are looked for: most listings are shorter."""
LESS_OFTEN = 4
"""Times as many pages come before windows are looked for again where they did not help."""
WORTH_WHILE = 0.6
"""Requests that keep the budget busy, from which on one at a time wastes some of it."""


class IssueSearch:
    """Runs a query that the caller can restate from where it is: after a hidden project, an
    oversized page, windows, or an end of which nothing proves that it is one.
    """

    def __init__(
        self,
        http: HttpEndpoint,
        fields: Sequence[str],
        scope: ProjectScope,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._http = http
        self._fields = list(fields)
        self._scope = scope
        self._size = PageSize(page_size)
        self._chained_pages = CHAINED_PAGES
        self._page_holds = 1
        self._depth = Depth(self._fed, lambda: http.is_crowded)

    def in_order(
        self, order: IssueOrder, context: IngestionContext
    ) -> Iterator[FeedPage[FoundIssue]]:
        """As `pages`, for an order that can be cut into windows."""
        return self.pages(order.query, context, order)

    def pages(
        self,
        query: Callable[[Sequence[str] | None], str],
        context: IngestionContext,
        order: IssueOrder | None = None,
    ) -> Iterator[FeedPage[FoundIssue]]:
        """`query` gives the JQL for what is still unread, for the projects that can be read. At
        least one page. An open end is believed, with a doubt, when the query brought nothing new
        once more.
        """
        listing = Listing.of("issues", context)
        before, refused, ended = "", 0, 0

        while not self._scope.is_empty:
            text = query(self._scope.keys)
            if text != before:
                before, refused, ended = text, 0, 0
            first, open_end, goes_on = True, "", False

            try:
                with closing(self._read(text, order, listing, context)) as pages:
                    for page in pages:
                        context.progress.pages += 1
                        open_end, goes_on = page.open_end, page.next is not None
                        yield self._search_page(page, listing)
                        first = False
            except AnswerTooLarge:
                if not self._size.halve():
                    raise
                continue
            except FatalError as e:
                if self._scope.narrow(e):
                    continue
                # A page token dies with what made it: then the query is put again without one.
                refused += 1
                if e.code != "VALIDATION_ERROR" or first or refused > MAX_RESTARTS:
                    raise
                continue

            if goes_on:
                continue
            if not open_end:
                return
            ended += 1
            if ended > 1:
                yield self._open_end(listing.doubt(open_end))
                return

        yield FeedPage((), (), self._scope.take_warnings(), True, self._scope.keys)

    def _read(
        self, text: str, order: IssueOrder | None, listing: Listing, context: IngestionContext
    ) -> Generator[SearchPage]:
        """Page by page, and in windows once there are enough of them. Where the last page says that
        more follows, the query is to be put again from there.
        """
        chain = token_pages(
            partial(self._page, text, context), listing, key=identity, restates=True
        )
        while True:
            goes_on = False
            with closing(prefetched(islice(chain, self._at_a_time(order)))) as pages:
                for page in pages:
                    goes_on = page.next is not None
                    self._page_holds = max(self._page_holds, len(page.items))
                    yield page
            if not goes_on or order is None:
                return

            if self._fed() >= WORTH_WHILE:
                windows = self._windows(order, context)
                if windows.begin():
                    yield from windows.pages(self._depth)
                    self._came_of(windows)
                    return
            self._chained_pages *= LESS_OFTEN

    def _at_a_time(self, order: IssueOrder | None) -> int | None:
        """Pages of the chain before windows are looked for: none are where pages are large, as
        those of ids alone.
        """
        is_cut = order is not None and self._size.now <= PAGE_SIZE
        return self._chained_pages if is_cut else None

    def _fed(self) -> float:
        return self._http.at_once(1 + self._size.now)

    def _windows(self, order: IssueOrder, context: IngestionContext) -> IssueWindows:
        """For pages as the site cuts them, however many issues they are asked for."""
        size = self._size.now
        page_holds = min(size, self._page_holds)
        return IssueWindows(
            self._http, self._fields, order, self._scope.keys, size, page_holds, context
        )

    def _came_of(self, windows: IssueWindows) -> None:
        """Where few windows were read before one contradicted, they are looked for less often: the
        chain of pages gets further each time, however long that takes.
        """
        helped = windows.read >= LEAST_WINDOWS
        self._chained_pages = CHAINED_PAGES if helped else self._chained_pages * LESS_OFTEN

    def _page(self, text: str, context: IngestionContext, at: str | None) -> SearchPage:
        return fetch_search(
            self._http, search_body(text, self._fields, self._size.now, at), context
        )

    def _search_page(self, page: SearchPage, listing: Listing) -> FeedPage[FoundIssue]:
        warnings = self._scope.take_warnings()
        if page.errors:
            warnings.append(_doubted(listing.doubt(said_of_itself(page.errors))))
        issues = [item for item in page.items if isinstance(item, FoundIssue)]
        bad = [item for item in page.items if isinstance(item, QuarantinedRecord)]
        is_last = page.next is None and not page.open_end
        return FeedPage(issues, bad, warnings, is_last, self._scope.keys)

    def _open_end(self, message: str) -> FeedPage[FoundIssue]:
        warnings = [*self._scope.take_warnings(), _doubted(message)]
        return FeedPage((), (), warnings, True, self._scope.keys, is_open=True)


def _doubted(message: str) -> SourceWarning:
    return SourceWarning(UNEXPECTED_RESPONSE, message, partial=True)
