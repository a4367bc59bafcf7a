"""Pages of `search/jql`, read one ahead. Page tokens live and die here: nothing outside ever needs
one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import msgspec
from msgspec import Raw

from inlet_sdk.errors import FatalError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.body import AnswerTooLarge
from inlet_sdk.http.columns import epoch_ms, to_id, to_string, to_timestamp
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.json_record import Members, Record, parse_page
from inlet_sdk.http.pagination import Page, token_pages
from inlet_sdk.http.prefetch import prefetched
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, SourceWarning
from inlet_sdk.units.batches import invalid
from inlet_sdk.units.feed import FeedPage
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.scope import API, ProjectScope

MAX_RESTARTS = 3
PAGE_SIZE = 100  # Jira cuts pages that ask for more than ids anyway

_members = msgspec.json.Decoder(Members)


class SearchAnswer(msgspec.Struct):
    issues: list[Raw]
    nextPageToken: str | None = None
    isLast: bool | None = None
    warnings: Raw = Raw(b"null")


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
        not UTF-8.
        """
        parts = (
            self.record.within(self.envelope[name]).original for name in ("id", "key", "fields")
        )
        return str(b'{"id":%b,"key":%b,"fields":%b}' % tuple(parts), "utf-8")


class IssueSearch:
    """Runs a query that the caller can restate from where it is: after a hidden project or an
    oversized page.
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
        self._size = page_size
        self._restarts = MAX_RESTARTS

    def pages(
        self, query: Callable[[Sequence[str] | None], str], context: IngestionContext
    ) -> Iterator[FeedPage[FoundIssue]]:
        """`query` gives the JQL for what is still unread, for the projects that can be read. At
        least one page.
        """
        while not self._scope.is_empty:
            text = query(self._scope.keys)
            first = True

            try:
                with closing(prefetched(token_pages(partial(self._page, text, context)))) as pages:
                    for page in pages:
                        context.progress.pages += 1
                        yield self._search_page(page)
                        first = False
                return
            except AnswerTooLarge:
                if self._size == 1:
                    raise
                self._size = max(1, self._size // 2)
            except FatalError as e:
                if not self._scope.narrow(e) and not self._token_refused(e, first):
                    raise
        yield FeedPage((), (), self._scope.take_warnings(), True, self._scope.keys)

    def _token_refused(self, error: FatalError, first: bool) -> bool:
        """A page token dies with what made it: then the query is put again, without one, from where
        we are.
        """
        if error.code != "VALIDATION_ERROR" or first or self._restarts == 0:
            return False
        self._restarts -= 1
        return True

    def _page(self, text: str, context: IngestionContext, token: str | None) -> TokenPage:
        body = {"jql": text, "fields": self._fields, "maxResults": self._size}
        if token is not None:
            body["nextPageToken"] = token
        return self._http.fetch(
            Request(f"{API}/search/jql", "POST", body=body, points=1 + self._size),
            parse_search,
            context,
        )

    def _search_page(self, page: TokenPage) -> FeedPage[FoundIssue]:
        warnings = self._scope.take_warnings()
        if page.is_truncated:
            warnings.append(
                SourceWarning(
                    "UNEXPECTED_RESPONSE",
                    "Jira says that a search left issues out. Run again.",
                    partial=True,
                )
            )
        issues = [item for item in page.items if isinstance(item, FoundIssue)]
        bad = [item for item in page.items if isinstance(item, QuarantinedRecord)]
        return FeedPage(issues, bad, warnings, page.next is None, self._scope.keys)


ParsedIssue = FoundIssue | QuarantinedRecord


@dataclass(frozen=True)
class TokenPage(Page[ParsedIssue]):
    is_truncated: bool = False


_search_answer = msgspec.json.Decoder(SearchAnswer)


def parse_search(answer: HttpAnswer) -> TokenPage:
    """Raises msgspec.DecodeError for cut JSON and msgspec.ValidationError for another shape."""
    found, page = parse_page(answer.body, _search_answer)
    token = None if found.isLast else found.nextPageToken or None
    if token is None and found.isLast is False:
        raise msgspec.ValidationError("isLast is false and there is no nextPageToken")
    items = [parse_issue(record) for record in page.records(found.issues)]
    return TokenPage(
        items, token, is_truncated=bytes(found.warnings) not in (b"null", b"[]", b"{}")
    )


def parse_issue(record: Record) -> ParsedIssue:
    try:
        envelope = record.members()
        issue_id = to_string(envelope["id"]) or ""
        fields = _members.decode(envelope["fields"]) if "fields" in envelope else {}
        at = to_timestamp(fields["updated"]) if "updated" in fields else None
        key = to_string(envelope["key"]) if "key" in envelope else None

        return FoundIssue(
            to_id(issue_id),
            key or "",
            None if at is None else epoch_ms(at),
            fields,
            envelope,
            record,
        )
    except (msgspec.DecodeError, KeyError, ValueError):
        return invalid(record, "The issue has no numeric id of 64 bits or no object of fields.")


def latest_update(http: HttpEndpoint, scope: ProjectScope, context: IngestionContext) -> int | None:
    """The latest change that search shows now; None for an empty site."""

    def search() -> TokenPage:
        body = {"jql": jql.latest_change(scope.keys), "fields": ["updated"], "maxResults": 1}
        return http.fetch(Request(f"{API}/search/jql", "POST", body=body), parse_search, context)

    page = scope.attempt(search)
    items = () if page is None else page.items
    return next((item.updated for item in items if isinstance(item, FoundIssue)), None)
