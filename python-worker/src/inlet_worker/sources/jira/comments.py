"""The comments unit. Jira has no feed of changed comments, but one that is new, edited or gone
bumps its issue. So issues are read with their comments embedded, and only one with more than the
embedded twenty costs a call of its own.

All comments of a changed issue are handed on, not only the new ones: an issue moved out of a hidden
project brings old comments that were never seen. The sink's version-guarded merge leaves the
unchanged ones alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec
from msgspec import Raw

from inlet_sdk.errors import FatalError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Column, ColumnReader, Long, column, to_id, to_string
from inlet_sdk.http.endpoint import HttpEndpoint, Request, segment
from inlet_sdk.http.json_record import Record, parse_page
from inlet_sdk.http.pagination import OffsetPage, offset_pages
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row, SourceBatch, SourceWarning
from inlet_worker.sources.jira.batches import batch, make_rows, row_maker
from inlet_worker.sources.jira.fields import person_columns
from inlet_worker.sources.jira.issue_slices import IssueSlice
from inlet_worker.sources.jira.scope import API
from inlet_worker.sources.jira.search import FoundIssue, invalid

COMMENT_FIELDS = ("comment", "updated")
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
OF_ISSUE: tuple[Column, ...] = (column("issueId", "string"), column("issueKey", "string"))


class CommentList(msgspec.Struct):
    comments: list[Raw]
    startAt: Long = 0
    maxResults: Long | None = None
    total: Long | None = None


_comment_list = msgspec.json.Decoder(CommentList)
make_comment = row_maker(ColumnReader(COMMENT_COLUMNS), "id", numbers=("id",))


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


def comment_batches(
    slices: Iterable[IssueSlice],
    http: HttpEndpoint,
    context: IngestionContext,
    *,
    lists: bool = False,
) -> Iterator[SourceBatch]:
    """One batch per slice of issues. With `lists` it says which issues' comments it holds
    completely.
    """
    for part in slices:
        listed: dict[str, list[str]] = {}
        rows: list[Row] = []
        bad: list[QuarantinedRecord] = list(part.quarantined)
        warnings: list[SourceWarning] = list(part.warnings)
        for issue in part.issues:
            try:
                comments = comments_of(issue, http, context)
            except (msgspec.DecodeError, KeyError):
                bad.append(
                    invalid(
                        issue.record,
                        "The issue's embedded comments are in another shape.",
                        issue.key,
                    )
                )
                continue
            except FatalError as e:
                if e.code not in ("SOURCE_FORBIDDEN", "SOURCE_NOT_FOUND"):
                    raise
                warnings.append(_hidden(issue, e))
                continue
            if lists and comments and (ids := comments.all_ids()) is not None:
                listed[str(issue.id)] = ids
            records = comments.records if comments else []
            more, worse = make_rows(
                records, make_comment, {"issueId": str(issue.id), "issueKey": issue.key}
            )
            rows += more
            bad += worse
        done = batch(
            context, rows, part.resume, cursor=part.cursor, quarantined=bad, warnings=warnings
        )
        yield replace(done, listed=listed)


def comments_of(
    issue: FoundIssue, http: HttpEndpoint, context: IngestionContext
) -> CommentsOfIssue | None:
    """The issue's comments: the embedded ones when they are all, else from the issue's own list.
    None when Jira tells nothing of comments.
    """
    if "comment" not in issue.fields:
        return None
    embedded = _comment_list.decode(issue.fields["comment"])
    if embedded.total is None or embedded.total > len(embedded.comments):
        return paged_comments(issue.id, http, context)
    return CommentsOfIssue(issue.record.within(issue.fields["comment"]).records(embedded.comments))


def paged_comments(issue_id: int, http: HttpEndpoint, context: IngestionContext) -> CommentsOfIssue:
    """All comments of an issue by offset; read again when the list changed while it was paged.
    After the last pass what was found is taken: each such change bumps the issue, so the next run
    reads it again.
    """
    found: dict[bytes, Record] = {}
    for _ in range(MAX_PASSES):
        found = {}
        totals: set[int | None] = set()
        for page in offset_pages(lambda start: _comment_page(issue_id, start, http, context)):
            found.update((_identity(record), record) for record in page.items)
            totals.add(page.total)
        if totals <= {None, len(found)}:
            return CommentsOfIssue(list(found.values()))
    return CommentsOfIssue(list(found.values()), complete=False)


def _comment_page(
    issue_id: int, start: int, http: HttpEndpoint, context: IngestionContext
) -> OffsetPage[Record]:
    def decode(answer: HttpAnswer) -> OffsetPage[Record]:
        found, page = parse_page(answer.body, _comment_list)
        return OffsetPage(
            page.records(found.comments), found.startAt, found.maxResults, found.total
        )

    path = f"{API}/issue/{segment(str(issue_id))}/comment"
    return http.fetch(
        Request(path, query={"startAt": start, "maxResults": PAGE_SIZE}), decode, context
    )


def _identity(record: Record) -> bytes:
    try:
        return bytes(record.members()["id"])
    except (msgspec.DecodeError, KeyError):
        return bytes(record.json)  # for quarantine: it has no other


def _hidden(issue: FoundIssue, error: FatalError) -> SourceWarning:
    gone = error.code == "SOURCE_NOT_FOUND"
    what = (
        "vanished while its comments were read"
        if gone
        else "does not show its comments to the account"
    )
    return SourceWarning(
        "PROJECT_FORBIDDEN", f"Issue {issue.key or issue.id} {what}. Run again.", partial=not gone
    )
