"""Asking for records by id: what tells a deleted record from one that search merely left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Raw

from inlet_sdk.errors import FatalError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Long, epoch_ms, is_id, to_id
from inlet_sdk.http.end_marks import NOTHING, count, flag, words
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_timestamp
from inlet_sdk.http.json_record import parse_page
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.page_size import fitting_parts
from inlet_sdk.http.pagination import said_of_itself
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.direct import DirectReads, Shown
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_worker.sources.jira.scope import API
from inlet_worker.sources.jira.search import FoundIssue, ParsedIssue, parse_issue, project_id

ISSUES_PER_READ = 100
IDS_PER_LIST = 1000
UNANSWERED = frozenset({"SOURCE_FORBIDDEN", "SOURCE_NOT_FOUND", "VALIDATION_ERROR"})


class Identified(msgspec.Struct):
    """`updated` is kept raw: one that cannot be read is told, and not the end of the census."""

    id: str | Long
    updated: Raw = Raw(b"null")
    issueId: str | Long = ""


class FetchedIssues(msgspec.Struct):
    issues: list[Raw]
    issueErrors: list[Identified] = []
    errorMessages: Raw = NOTHING


@dataclass(frozen=True)
class ListedWorklog:
    """`changed` is epoch milliseconds; None where the worklog does not tell."""

    issue: int | None
    changed: int | None


class ListedComments(msgspec.Struct):
    values: list[Identified]
    total: Raw = NOTHING
    isLast: Raw = NOTHING
    errorMessages: Raw = NOTHING


_fetched = msgspec.json.Decoder(FetchedIssues)
_comments = msgspec.json.Decoder(ListedComments)
_worklogs = msgspec.json.Decoder(list[Identified])


def issues_by_id(
    http: HttpEndpoint, ids: Sequence[int], fields: Sequence[str], context: IngestionContext
) -> tuple[list[ParsedIssue], set[int]]:
    """The issues that are shown when they are asked for by id, and the ids of those that Jira says
    are not there (or hidden). One that it does not answer for is in neither.
    """

    def decode(answer: HttpAnswer) -> tuple[list[ParsedIssue], set[int]]:
        fetched, page = parse_page(answer.body, _fetched)
        if said := words(fetched.errorMessages):
            listing.doubt(said_of_itself(said))
        return (
            [parse_issue(record) for record in page.records(fetched.issues)],
            _ids(fetched.issueErrors),
        )

    def ask(some: Sequence[int]) -> tuple[list[ParsedIssue], set[int]]:
        refuse_if_late(context)
        body = {"issueIdsOrKeys": [str(i) for i in some], "fields": list(fields)}
        request = Request(f"{API}/issue/bulkfetch", "POST", body=body, points=1 + len(some))
        try:
            return http.fetch(request, decode, context)
        except FatalError as e:
            if e.code not in UNANSWERED:
                raise
            return [], set()

    listing = Listing.of("issues that are asked for by id", context)
    found: list[ParsedIssue] = []
    denied: set[int] = set()
    for some, (shown, refused) in fitting_parts(ids, ISSUES_PER_READ, ask):
        found += shown
        denied |= refused & set(some)

    shown_ids = {issue.id for issue in found if isinstance(issue, FoundIssue)}
    return found, denied - shown_ids


def direct_reads(http: HttpEndpoint, ids: Sequence[int], context: IngestionContext) -> DirectReads:
    """Which issues are shown when they are asked for by id, when they changed, and whose they
    are.
    """
    issues, denied = issues_by_id(http, ids, ("updated", "project"), context)
    wanted = set(ids)
    found = {
        issue.id: Shown(issue.updated, project_id(issue))
        for issue in issues
        if isinstance(issue, FoundIssue) and issue.id in wanted
    }
    return DirectReads(found, frozenset(denied))


def listed_comments(
    http: HttpEndpoint, ids: Sequence[int], context: IngestionContext
) -> dict[int, int | None]:
    """id -> time of change (epoch ms) of those of the comments that the account sees. A list that
    is not all of its own count is doubted: what it lacks is not gone.
    """
    listing = Listing.of("comments that are asked for by id", context)

    def decode(answer: HttpAnswer) -> list[Identified]:
        found = parse_page(answer.body, _comments)[0]
        if said := words(found.errorMessages):
            listing.doubt(said_of_itself(said))
        if flag(found.isLast) is False or (count(found.total) or 0) > len(found.values):
            listing.doubt("is not all of what was asked for")
        return found.values

    return {
        to_id(str(comment.id)): _changed(comment)
        for listed in _listed_in_parts(http, f"{API}/comment/list", ids, decode, context)
        for comment in listed
        if is_id(str(comment.id))
    }


def listed_worklogs(
    http: HttpEndpoint, ids: Sequence[int], context: IngestionContext
) -> dict[int, ListedWorklog]:
    """Those of the worklogs that the account sees."""
    found: dict[int, ListedWorklog] = {}
    for listed in _listed_in_parts(
        http, f"{API}/worklog/list", ids, lambda a: parse_page(a.body, _worklogs)[0], context
    ):
        for worklog in listed:
            if is_id(str(worklog.id)):
                issue = to_id(str(worklog.issueId)) if is_id(str(worklog.issueId)) else None
                found[to_id(str(worklog.id))] = ListedWorklog(issue, _changed(worklog))
    return found


def _listed_in_parts(
    http: HttpEndpoint,
    path: str,
    ids: Sequence[int],
    decode: Callable[[HttpAnswer], list[Identified]],
    context: IngestionContext,
) -> Iterator[list[Identified]]:
    def ask(some: Sequence[int]) -> list[Identified]:
        refuse_if_late(context)
        return http.fetch(Request(path, "POST", body={"ids": list(some)}), decode, context)

    for _, listed in fitting_parts(ids, IDS_PER_LIST, ask):
        yield listed


def _changed(record: Identified) -> int | None:
    try:
        at = to_timestamp(record.updated)
    except ValueError:
        return None
    return None if at is None else epoch_ms(at)


def _ids(records: Sequence[Identified]) -> set[int]:
    """What is not an id is not one of those that were asked for."""
    return {to_id(str(record.id)) for record in records if is_id(str(record.id))}
