"""The comments of an issue: the twenty that search embeds, or its own list where there are more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

import msgspec
from msgspec import Raw

from inlet_sdk.errors import FatalError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Column, ColumnReader, column, to_id
from inlet_sdk.http.end_marks import count, flag, words
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_string
from inlet_sdk.http.in_flight import Depth, in_order
from inlet_sdk.http.json_record import Record, parse_page, same_record
from inlet_sdk.http.listing import Listing
from inlet_sdk.http.offset_pages import OffsetPage, offset_pages
from inlet_sdk.http.request import Request, segment
from inlet_sdk.ports.doubts import Doubts
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.batches import row_maker
from inlet_sdk.units.record_rows import RecordRows
from inlet_worker.sources.jira.fields import person_columns
from inlet_worker.sources.jira.offset_marks import OffsetMarks
from inlet_worker.sources.jira.scope import API
from inlet_worker.sources.jira.search import FoundIssue

PAGE_SIZE = 200
MAX_PASSES = 3

COMMENT_COLUMNS: tuple[Column, ...] = (
    column("id", "string"),
    *person_columns("author"),
    *person_columns("updateAuthor"),
    column("created", "timestamp"),
    column("updated", "timestamp"),
    column("body", "json", description="Atlassian document format."),
    column("visibility", "json"),
    column("jsdPublic", "boolean"),
)
OF_ISSUE: tuple[Column, ...] = (
    column("issueId", "string"),
    column("issueKey", "string"),
    column("projectId", "string"),
)


class CommentList(OffsetMarks, kw_only=True):
    comments: list[Raw]


_comment_list = msgspec.json.Decoder(CommentList)
NUMBERS = ("id",)
make_comment = row_maker(ColumnReader(COMMENT_COLUMNS), "id", NUMBERS)


@dataclass(frozen=True)
class CommentsOfIssue:
    """`complete`: these are all that the issue shows."""

    records: list[Record]
    complete: bool = True

    def all_ids(self) -> list[str] | None:
        """The ids of all; None where that cannot be said."""
        try:
            ids = [str(to_id(to_string(record.members()["id"]) or "")) for record in self.records]
        except (msgspec.DecodeError, KeyError, ValueError):
            return None
        return ids if self.complete else None


@dataclass(frozen=True)
class OwnList:
    """The comments are to be read from the issue's own list, which has `at_least` so many."""

    issue_id: int
    at_least: int


@dataclass(frozen=True)
class OddComments:
    """The embedded comments are in another shape."""


Told: TypeAlias = CommentsOfIssue | OddComments | FatalError | None
"""What is told of an issue's comments: FatalError where its list is not shown to the account, None
where Jira tells nothing of comments.
"""


def comment_rows() -> RecordRows:
    """Makes the rows of one reading."""
    return RecordRows(COMMENT_COLUMNS, "id", NUMBERS, OF_ISSUE)


def comments_of(
    issues: Sequence[FoundIssue], http: HttpEndpoint, context: IngestionContext
) -> Iterator[tuple[FoundIssue, Told]]:
    """Of each issue, in their order: the embedded ones when they are all, else from the issue's own
    list, of which several are read at once.
    """
    shown = [_shown(issue) for issue in issues]
    fetches = (
        partial(_own_comments, one, http, context) for one in shown if isinstance(one, OwnList)
    )
    depth = Depth(http.at_once, lambda: http.is_crowded)
    with closing(in_order(fetches, depth, _size)) as lists:
        for issue, one in zip(issues, shown, strict=True):
            yield issue, next(lists) if isinstance(one, OwnList) else one


def _shown(issue: FoundIssue) -> CommentsOfIssue | OddComments | OwnList | None:
    if "comment" not in issue.fields:
        return None
    try:
        embedded = _comment_list.decode(issue.fields["comment"])
    except msgspec.DecodeError:
        return OddComments()

    total = count(embedded.total)
    doubtful = words(embedded.errorMessages) or flag(embedded.isLast) is False
    if total is None or total > len(embedded.comments) or doubtful:
        return OwnList(issue.id, total or 0)
    return CommentsOfIssue(issue.record.within(issue.fields["comment"]).records(embedded.comments))


def _own_comments(
    own: OwnList, http: HttpEndpoint, context: IngestionContext
) -> CommentsOfIssue | FatalError:
    try:
        return paged_comments(own.issue_id, http, context, own.at_least)
    except FatalError as error:
        if error.code not in ("SOURCE_FORBIDDEN", "SOURCE_NOT_FOUND"):
            raise
        return error


def _size(found: CommentsOfIssue | FatalError) -> int:
    if isinstance(found, FatalError):
        return 0
    return sum(memoryview(record.json).nbytes for record in found.records)


def embedded_comments(issue: FoundIssue) -> tuple[list[Record], int | None] | None:
    """The comments that came with the issue, and how many it has. None when Jira tells nothing of
    them.
    """
    try:
        embedded = _comment_list.decode(issue.fields["comment"])
        found = issue.record.within(issue.fields["comment"]).records(embedded.comments)
    except (msgspec.DecodeError, KeyError):
        return None
    return found, count(embedded.total)


def paged_comments(
    issue_id: int, http: HttpEndpoint, context: IngestionContext, at_least: int = 0
) -> CommentsOfIssue:
    """All comments of an issue by offset; read again when the list changed while it was paged, or
    has fewer than search told of (`at_least`). After the last pass what was found is taken: each
    such change bumps the issue, so the next run reads it again.
    """
    found: dict[bytes, Record] = {}
    said: tuple[str, ...] = ()
    for _ in range(MAX_PASSES):
        found, doubts = {}, Doubts()
        listing = Listing(f"comments of issue {issue_id}", context, doubts)
        totals: set[int | None] = set()
        fetch = partial(_comment_page, issue_id, http, context, at_least)
        for page in offset_pages(fetch, listing, PAGE_SIZE, key=same_record):
            found.update((same_record(record), record) for record in page.items)
            totals.add(page.total)

        if len(found) < at_least:
            listing.doubt(f"shows {len(found)} where search tells of {at_least}")
        said = doubts.take()
        if totals <= {None, len(found)} and not said:
            return CommentsOfIssue(list(found.values()))

    for message in said:
        context.doubts.add(message)
    return CommentsOfIssue(list(found.values()), complete=False)


def _comment_page(
    issue_id: int,
    http: HttpEndpoint,
    context: IngestionContext,
    at_least: int,
    start: int,
    size: int,
) -> OffsetPage[Record]:
    def decode(answer: HttpAnswer) -> OffsetPage[Record]:
        found, page = parse_page(answer.body, _comment_list)
        listed = found.page(page.records(found.comments))
        total = None if listed.total is None else max(listed.total, at_least)
        return replace(listed, total=total)

    path = f"{API}/issue/{segment(str(issue_id))}/comment"
    return http.fetch(Request(path, query={"startAt": start, "maxResults": size}), decode, context)
