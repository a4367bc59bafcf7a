"""What `search/jql` answers: pages of issues as they came."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import msgspec
from msgspec import Raw

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.body_text import is_utf8
from inlet_sdk.http.columns import to_id
from inlet_sdk.http.end_marks import NOTHING, count, flag, token, words
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_string
from inlet_sdk.http.json_record import TOO_DEEP, Members, Record, parse_page
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.pagination import Page, token_pages
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_sdk.units.batches import invalid
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.issue_texts import IssueTexts, updated_in
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


class PlainAnswer(SearchAnswer):
    """Of issues that have all that lands of them."""

    issues: list[IssueTexts]  # type: ignore[assignment]


@dataclass(frozen=True)
class FoundIssue:
    """An issue of a page. `updated` is epoch milliseconds, None when the record has none. `find`
    gives the record. `texts` are there where an issue is as most are, in a page that is.
    """

    id: int
    key: str
    updated: int | None
    find: Callable[[], Record]
    texts: IssueTexts | None = None

    @property
    def record(self) -> Record:
        return self.find()

    @cached_property
    def envelope(self) -> Members:
        return self.record.members()

    @cached_property
    def fields(self) -> Members:
        if self.texts is not None:
            return _members.decode(self.texts.fields)
        return _fields_in(self.envelope)

    def landed_raw(self) -> str:
        """{"id","key","fields"} in the vendor's own bytes. Raises UnicodeDecodeError when they are
        not UTF-8, and msgspec.DecodeError when one is nested too deep.
        """
        record, envelope = self.record, self.envelope
        parts = [record.within(envelope[name]) for name in ("id", "key", "fields")]
        if any(part.deep for part in parts):
            raise msgspec.DecodeError(TOO_DEEP)
        id_, key, fields = (part.original for part in parts)
        return IssueTexts(Raw(id_), Raw(key), Raw(fields)).landed().decode()


ParsedIssue = FoundIssue | QuarantinedRecord


SearchPage = Page[ParsedIssue]

_search_answer = msgspec.json.Decoder(SearchAnswer)
_plain_answer = msgspec.json.Decoder(PlainAnswer)


def parse_search(answer: HttpAnswer) -> SearchPage:
    """Raises msgspec.DecodeError for cut JSON and msgspec.ValidationError for another shape."""
    found, issues = _plain_issues(answer.body) or any_issues(answer.body)
    return Page(
        issues,
        token(found.nextPageToken),
        flag(found.isLast),
        count(found.total),
        words(found.errorMessages, found.errors, found.warnings),
        size=len(answer.body),
    )


def any_issues(body: bytes) -> tuple[SearchAnswer, list[ParsedIssue]]:
    """What a page says of itself, and its issues, whatever is odd about them."""
    found, page = parse_page(body, _search_answer)
    return found, [parse_issue(record) for record in page.records(found.issues)]


def _plain_issues(body: bytes) -> tuple[SearchAnswer, list[ParsedIssue]] | None:
    """As `_any_issues`, quicker; None for a page in which something is to be mended, or said."""
    if not is_utf8(body):
        return None
    try:
        found = _plain_answer.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None

    records = PageRecords(body)
    issues: list[ParsedIssue] = []
    for at, texts in enumerate(found.issues):
        find = partial(records.at, at)
        known = texts.known()
        issues.append(parse_issue(find()) if known is None else FoundIssue(*known, find, texts))
    return found, issues


class PageRecords:
    """The records of a page, found when one of them is asked for."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    @cached_property
    def _records(self) -> list[Record]:
        found, page = parse_page(self._body, _search_answer)
        return page.records(found.issues)

    def at(self, number: int) -> Record:
        return self._records[number]


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
        updated = updated_in(_fields_in(envelope).get("updated", NOTHING))
        key = to_string(envelope["key"]) if "key" in envelope else None

        return FoundIssue(to_id(issue_id), key or "", updated, lambda: record)
    except (msgspec.DecodeError, KeyError, ValueError, RecursionError):
        reason = "The issue has no numeric id of 64 bits or no object of fields."
        return invalid(record, reason, key_of_record)


def _fields_in(envelope: Members) -> Members:
    return _members.decode(envelope["fields"]) if "fields" in envelope else {}


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
