"""The changelogs of issues: many at once where the site has the bulk read, else one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
from msgspec import Raw

from inlet_sdk.errors import FatalError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import to_id
from inlet_sdk.http.end_marks import NOTHING, token, words
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_long, to_string, to_timestamp
from inlet_sdk.http.json_record import Members, Record, parse_page, same_record
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.offset_pages import OffsetPage, offset_pages
from inlet_sdk.http.page_size import PageSize
from inlet_sdk.http.pagination import Page, token_pages
from inlet_sdk.http.request import Request, segment
from inlet_sdk.ports.column_values import Unfit
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_worker.sources.jira.offset_marks import OffsetMarks
from inlet_worker.sources.jira.scope import API

BULK = "/changelog/bulkfetch"
ISSUES_PER_REQUEST = 1000
ENTRIES_PER_PAGE = 1000
ENTRIES_OF_ISSUE = 100
HIDDEN = frozenset({"SOURCE_FORBIDDEN", "SOURCE_NOT_FOUND", "API_GONE"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BulkAnswer(msgspec.Struct):
    issueChangeLogs: list[Raw]
    nextPageToken: Raw = NOTHING
    errorMessages: Raw = NOTHING


class IssueAnswer(OffsetMarks, kw_only=True):
    values: list[Raw]


@dataclass(frozen=True)
class ChangelogOfIssue:
    """Entries of an issue's changelog; a page of the bulk read may hold a part of them."""

    issue_id: int
    entries: Sequence[Record]


@dataclass(frozen=True)
class FoundChangelogs:
    """`hidden`: the issues that do not show theirs, each told in a warning."""

    changelogs: Sequence[ChangelogOfIssue]
    hidden: frozenset[int] = frozenset()

    @property
    def warnings(self) -> list[SourceWarning]:
        return [
            SourceWarning(
                "PROJECT_FORBIDDEN",
                f"Issue {issue_id} does not show its changelog to the account, though search "
                "shows the issue. Run again.",
                partial=True,
            )
            for issue_id in sorted(self.hidden)
        ]


_bulk = msgspec.json.Decoder(BulkAnswer)
_of_issue = msgspec.json.Decoder(IssueAnswer)
_list = msgspec.json.Decoder(list[Raw])


def changelogs_of(
    site: HttpEndpoint, ids: Sequence[int], context: IngestionContext
) -> FoundChangelogs:
    """The changelogs of these issues. An issue whose own list is refused is told in a warning."""
    found: list[ChangelogOfIssue] = []
    for start in range(0, len(ids), ISSUES_PER_REQUEST):
        some = ids[start : start + ISSUES_PER_REQUEST]
        try:
            found += _in_bulk(site, some, context)
        except FatalError as error:
            if error.code not in HIDDEN:
                raise
            # The site has no bulk read, or one of the issues is hidden by now.
            return _one_by_one(site, ids, context)
    return FoundChangelogs(found)


def created_of(members: Members) -> datetime:
    """When an entry was made: in ISO 8601, or, as the bulk read has it on some sites, in epoch
    milliseconds. Raises Unfit.
    """
    raw = members.get("created", NOTHING)
    if bytes(raw)[:1] != b'"':
        at = to_long(raw)
        created = None if at is None else _instant(at)
    else:
        created = to_timestamp(raw)
    if created is None:
        raise Unfit
    return created


def _instant(at_ms: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=at_ms)
    except OverflowError:
        raise Unfit from None


def _in_bulk(
    site: HttpEndpoint, ids: Sequence[int], context: IngestionContext
) -> Iterator[ChangelogOfIssue]:
    listing = Listing.of("changelogs", context)
    asked, size = set(ids), PageSize(ENTRIES_PER_PAGE)
    fetch = partial(_bulk_page, site, ids, size, context)
    for page in token_pages(fetch, listing, key=_identity):
        context.progress.pages += 1
        for changelog in page.items:
            if changelog.issue_id in asked:
                yield changelog
            else:
                listing.doubt(f"shows issue {changelog.issue_id}, which was not asked for")


def _bulk_page(
    site: HttpEndpoint,
    ids: Sequence[int],
    size: PageSize,
    context: IngestionContext,
    at: str | None,
) -> Page[ChangelogOfIssue]:
    def ask(entries: int) -> Page[ChangelogOfIssue]:
        body = {"issueIdsOrKeys": [str(one) for one in ids], "maxResults": entries}
        if at is not None:
            body["nextPageToken"] = at
        request = Request(API + BULK, "POST", body=body, points=1 + len(ids))
        return site.fetch(request, _parse_bulk, context)

    return size.fitting(ask)


def _parse_bulk(answer: HttpAnswer) -> Page[ChangelogOfIssue]:
    found, page = parse_page(answer.body, _bulk)
    changelogs = [_changelog(record) for record in page.records(found.issueChangeLogs)]
    return Page(changelogs, token(found.nextPageToken), errors=words(found.errorMessages))


def _changelog(record: Record) -> ChangelogOfIssue:
    """Raises msgspec.ValidationError for one that does not say whose it is."""
    members = record.members()
    try:
        issue_id = to_id(to_string(members["issueId"]) or "")
        histories = members["changeHistories"]
    except (KeyError, ValueError) as error:
        raise msgspec.ValidationError(f"a changelog lacks {error}") from None
    return ChangelogOfIssue(issue_id, record.within(histories).records(_list.decode(histories)))


def _identity(changelog: ChangelogOfIssue) -> object:
    return (changelog.issue_id, *map(same_record, changelog.entries))


def _one_by_one(
    site: HttpEndpoint, ids: Sequence[int], context: IngestionContext
) -> FoundChangelogs:
    found: list[ChangelogOfIssue] = []
    hidden: set[int] = set()
    for issue_id in ids:
        listing = Listing.of(f"changes of issue {issue_id}", context)
        fetch = partial(_page_of_issue, site, issue_id, context)
        try:
            for page in offset_pages(fetch, listing, ENTRIES_OF_ISSUE, key=same_record):
                found.append(ChangelogOfIssue(issue_id, page.items))
        except FatalError as error:
            if error.code not in HIDDEN:
                raise
            hidden.add(issue_id)
    return FoundChangelogs(found, frozenset(hidden))


def _page_of_issue(
    site: HttpEndpoint, issue_id: int, context: IngestionContext, start: int, size: int
) -> OffsetPage[Record]:
    def decode(answer: HttpAnswer) -> OffsetPage[Record]:
        found, page = parse_page(answer.body, _of_issue)
        return found.page(page.records(found.values))

    path = f"{API}/issue/{segment(str(issue_id))}/changelog"
    return site.fetch(Request(path, query={"startAt": start, "maxResults": size}), decode, context)
