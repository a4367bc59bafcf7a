"""What `search/jql` answers: pages of issues as they came."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import epoch_ms, to_id
from inlet_sdk.http.end_marks import NOTHING, count, flag, token, words
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_string, to_timestamp
from inlet_sdk.http.json_record import TOO_DEEP, Members, Record, parse_page
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.pagination import Page, token_pages
from inlet_sdk.http.request import Request
from inlet_sdk.ports.column_values import Unfit
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_sdk.units.batches import invalid
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.scope import API, ProjectScope

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
        size=len(answer.body),
    )


def search_body(
    text: str, fields: Sequence[str], size: int, at: str | None = None
) -> dict[str, Any]:
    """What a search asks: `text` is its JQL, `at` the token of the page."""
    body = {"jql": text, "fields": list(fields), "maxResults": size}
    return body if at is None else body | {"nextPageToken": at}


def fetch_search(
    http: HttpEndpoint,
    body: Mapping[str, Any],
    context: IngestionContext,
    max_bytes: int | None = None,
) -> SearchPage:
    """A page. Raises as HttpEndpoint.fetch does; AnswerTooLarge beyond `max_bytes`, too."""
    request = Request(
        f"{API}/search/jql",
        "POST",
        body=body,
        points=1 + body["maxResults"],
        max_bytes=max_bytes,
    )
    return http.fetch(request, parse_search, context)


def identity(item: ParsedIssue) -> Hashable:
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
        pages = token_pages(fetch, Listing.of("issues", context), key=identity, restates=True)
        return next(pages)

    page = scope.attempt(search)
    items = () if page is None else page.items
    return next((item.updated for item in items if isinstance(item, FoundIssue)), None)
