"""Pages of `search/jql`, read one ahead. Page tokens live and die here: nothing outside ever needs
one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec
from msgspec import Raw

from inlet_sdk.errors import FatalError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.body import AnswerTooLarge
from inlet_sdk.http.columns import epoch_ms, to_id
from inlet_sdk.http.end_marks import NOTHING, count, flag, token, words
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_string, to_timestamp
from inlet_sdk.http.json_record import TOO_DEEP, Members, Record, parse_page
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.page_size import PageSize
from inlet_sdk.http.pagination import Page, said_of_itself, token_pages
from inlet_sdk.http.prefetch import prefetched
from inlet_sdk.http.request import Request
from inlet_sdk.ports.column_values import Unfit
from inlet_sdk.ports.doubts import UNEXPECTED_RESPONSE
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, SourceWarning
from inlet_sdk.units.batches import invalid
from inlet_sdk.units.feed import FeedPage
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.scope import API, ProjectScope

MAX_RESTARTS = 3
"""How often a query is put again from the same place after its page token was refused."""
PAGE_SIZE = 100  # Jira cuts pages that ask for more than ids anyway

_members = msgspec.json.Decoder(Members)


class SearchAnswer(msgspec.Struct):
    issues: list[Raw]
    nextPageToken: Raw = NOTHING
    isLast: Raw = NOTHING
    total: Raw = NOTHING
    warnings: Raw = NOTHING
    errorMessages: Raw = NOTHING
    errors: Raw = NOTHING


@dataclass(frozen=True, slots=True)
class FoundIssue:
    """An issue of a page. `updated` is epoch milliseconds, None when the record has none."""

    id: int
    key: str
    updated: int | None
    fields: Members
    envelope: Members
    record: Record

    def landed_raw(self) -> str:
        """{"id","key","fields"} in the vendor's own bytes. Raises UnicodeDecodeError when they are
        not UTF-8, and msgspec.DecodeError when one is nested too deep.
        """
        parts = [self.record.within(self.envelope[name]) for name in ("id", "key", "fields")]
        if any(part.deep for part in parts):
            raise msgspec.DecodeError(TOO_DEEP)
        texts = tuple(part.original for part in parts)
        return str(b'{"id":%b,"key":%b,"fields":%b}' % texts, "utf-8")


class IssueSearch:
    """Runs a query that the caller can restate from where it is: after a hidden project, an
    oversized page, or an end of which nothing proves that it is one.
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

    def pages(
        self, query: Callable[[Sequence[str] | None], str], context: IngestionContext
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
            first, open_end = True, ""

            try:
                with closing(prefetched(self._pages(text, listing, context))) as pages:
                    for page in pages:
                        context.progress.pages += 1
                        open_end = page.open_end
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

            if not open_end:
                return
            ended += 1
            if ended > 1:
                yield self._open_end(listing.doubt(open_end))
                return

        yield FeedPage((), (), self._scope.take_warnings(), True, self._scope.keys)

    def _pages(
        self, text: str, listing: Listing, context: IngestionContext
    ) -> Iterator[SearchPage]:
        fetch = partial(self._page, text, context)
        return token_pages(fetch, listing, key=_identity, restates=True)

    def _page(self, text: str, context: IngestionContext, at: str | None) -> SearchPage:
        size = self._size.now
        body = {"jql": text, "fields": self._fields, "maxResults": size}
        if at is not None:
            body["nextPageToken"] = at
        request = Request(f"{API}/search/jql", "POST", body=body, points=1 + size)
        return self._http.fetch(request, parse_search, context)

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


ParsedIssue = FoundIssue | QuarantinedRecord


SearchPage = Page[ParsedIssue]

_search_answer = msgspec.json.Decoder(SearchAnswer)


def parse_search(answer: HttpAnswer) -> SearchPage:
    """Raises msgspec.DecodeError for cut JSON and msgspec.ValidationError for another shape."""
    found, page = parse_page(answer.body, _search_answer)
    return Page(
        [parse_issue(record) for record in page.records(found.issues)],
        token(found.nextPageToken),
        flag(found.isLast),
        count(found.total),
        words(found.errorMessages, found.errors, found.warnings),
    )


def _identity(item: ParsedIssue) -> Hashable:
    return item.id if isinstance(item, FoundIssue) else item.raw


def parse_issue(record: Record) -> ParsedIssue:
    """The issue, or the record for quarantine: with its id as the key where that can be read."""
    key_of_record = None
    try:
        envelope = record.members()
        issue_id = to_string(envelope["id"]) or ""
        key_of_record = str(to_id(issue_id))
        fields = _members.decode(envelope["fields"]) if "fields" in envelope else {}
        at = _instant_in(fields, "updated")
        key = to_string(envelope["key"]) if "key" in envelope else None

        return FoundIssue(
            to_id(issue_id),
            key or "",
            None if at is None else epoch_ms(at),
            fields,
            envelope,
            record,
        )
    except (msgspec.DecodeError, KeyError, ValueError, RecursionError):
        reason = "The issue has no numeric id of 64 bits or no object of fields."
        return invalid(record, reason, key_of_record)


def _instant_in(fields: Members, name: str) -> datetime | None:
    try:
        return to_timestamp(fields[name]) if name in fields else None
    except Unfit:
        return None


def project_id(issue: FoundIssue) -> str | None:
    """The immutable id of the issue's project; None where it was not asked for."""
    if "project" not in issue.fields:
        return None
    try:
        return to_string(_members.decode(issue.fields["project"])["id"])
    except (msgspec.DecodeError, KeyError):
        return None


def latest_update(http: HttpEndpoint, scope: ProjectScope, context: IngestionContext) -> int | None:
    """The latest change that search shows now; None for an empty site."""

    def fetch(_: str | None) -> SearchPage:
        body = {"jql": jql.latest_change(scope.keys), "fields": ["updated"], "maxResults": 1}
        return http.fetch(Request(f"{API}/search/jql", "POST", body=body), parse_search, context)

    def search() -> SearchPage:
        pages = token_pages(fetch, Listing.of("issues", context), key=_identity, restates=True)
        return next(pages)

    page = scope.attempt(search)
    items = () if page is None else page.items
    return next((item.updated for item in items if isinstance(item, FoundIssue)), None)
