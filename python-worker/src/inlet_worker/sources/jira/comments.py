"""The comments unit. Jira has no feed of changed comments, but one that is new, edited or gone
bumps its issue. So issues are read with their comments embedded, and only one with more than the
embedded twenty costs a call of its own.

All comments of a changed issue are handed on, not only the new ones: an issue moved out of a hidden
project brings old comments that were never seen. The sink's version-guarded merge leaves the
unchanged ones alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from inlet_sdk.errors import FatalError, SkippableError
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.json_record import Record
from inlet_sdk.ports.described_endpoint import CostStep, FieldDescriptor, UnitCost
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row, SourceBatch, SourceWarning
from inlet_sdk.units.batches import batch, invalid
from inlet_sdk.units.debt import Unread
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.reread import kept_record, rereader
from inlet_sdk.units.slices import Slice
from inlet_sdk.units.unit import Unit, describe_unit, same_columns
from inlet_worker.sources.jira import common_data, search
from inlet_worker.sources.jira.census.comments import comment_census
from inlet_worker.sources.jira.census.site import CENSUS_COST
from inlet_worker.sources.jira.comment_lists import (
    COMMENT_COLUMNS,
    OF_ISSUE,
    OddComments,
    comment_rows,
    comments_of,
    make_comment,
)
from inlet_worker.sources.jira.issue_feed import changed_issues, every_issue
from inlet_worker.sources.jira.policy import BY_PROJECT
from inlet_worker.sources.jira.search import FoundIssue, project_id

COMMENT_FIELDS = ("comment", "updated", "project")
ISSUE_MARK = "issue "
MANY_COMMENTS = 0.01
"""Share of issues with more comments than search embeds. 22 of 3,000 on the recorded site of
`npm run test:replay`.
"""


def read_every_comment(
    site: HttpEndpoint, policy: ReadingPolicy, context: IngestionContext
) -> Iterator[SourceBatch]:
    slices = every_issue(site, COMMENT_FIELDS, policy, context)
    return _batches(slices, site, context, lists=False)


def read_changed_comments(
    site: HttpEndpoint,
    cursor: Mapping[str, Any] | None,
    policy: ReadingPolicy,
    context: IngestionContext,
) -> Iterator[SourceBatch]:
    slices = changed_issues(site, COMMENT_FIELDS, cursor, policy, context)
    return _batches(slices, site, context, lists=cursor is not None and policy.deletes)


def reread_comment(quarantined: QuarantinedRecord, fields: Sequence[FieldDescriptor]) -> Row:
    if "fields" in _members(quarantined):
        raise SkippableError(
            "RECORD_INVALID",
            "It is an issue whose comments could not be told: a run reads them again.",
        )
    return _reread(quarantined, fields)


_reread = rereader(make_comment, of_parent=[column.name for column in OF_ISSUE])


def _batches(
    slices: Iterable[Slice[FoundIssue]],
    site: HttpEndpoint,
    context: IngestionContext,
    *,
    lists: bool,
) -> Iterator[SourceBatch]:
    """One batch per slice of issues. With `lists` it says which issues' comments it holds
    completely. An issue that hides its comments is owed.
    """
    unread, rows_of = Unread(context.continuation), comment_rows()
    for part in slices:
        listed: dict[str, list[str]] = {}
        read: list[str] = []
        records: list[Record] = []
        issues: list[Mapping[str, Any]] = []
        bad = [_unread(record) for record in part.quarantined]
        warnings: list[SourceWarning] = list(part.warnings)

        for issue, comments in comments_of(part.records, site, context):
            if isinstance(comments, OddComments):
                reason = "The issue's embedded comments are in another shape."
                bad.append(_unread(invalid(issue.record, reason, str(issue.id))))
                continue
            if isinstance(comments, FatalError):
                warnings.append(_hidden(issue, comments))
                unread.add(issue.id)
                continue

            unread.read(issue.id)
            if lists and comments and (ids := comments.all_ids()) is not None:
                listed[str(issue.id)] = ids
            found = comments.records if comments else []
            records += found
            issues += [_of_issue(issue)] * len(found)
            read.append(f"{ISSUE_MARK}{issue.id}")

        rows, worse = rows_of.rows(records, issues)
        bad += [replace(record, ask=(record.row or {}).get("issueId")) for record in worse]
        resume, cursor = unread.resume(part.resume), unread.cursor(part.cursor)
        done = batch(context, rows, resume, cursor=cursor, quarantined=bad, warnings=warnings)
        yield replace(done, listed=listed, read=read)


def _of_issue(issue: FoundIssue) -> Mapping[str, Any]:
    """What a comment does not tell."""
    return {"issueId": str(issue.id), "issueKey": issue.key, "projectId": project_id(issue)}


def _unread(issue: QuarantinedRecord) -> QuarantinedRecord:
    """An issue whose comments cannot be told. Its id is none of a comment."""
    if issue.key is None:
        return issue
    return replace(issue, key=f"{ISSUE_MARK}{issue.key}", ask=issue.key)


def _hidden(issue: FoundIssue, error: FatalError) -> SourceWarning:
    """A 404 does not prove that the issue is gone: search has just shown it."""
    what = (
        "answers that it has no comments to be read, though search shows it"
        if error.code == "SOURCE_NOT_FOUND"
        else "does not show its comments to the account"
    )
    return SourceWarning(
        "PROJECT_FORBIDDEN", f"Issue {issue.key or issue.id} {what}. Run again.", partial=True
    )


def _members(quarantined: QuarantinedRecord) -> Mapping[str, Any]:
    try:
        return kept_record(quarantined).members()
    except msgspec.DecodeError:
        return {}


COMMENTS = Unit(
    descriptor=describe_unit(
        "jira.comments",
        "Comments",
        key="id",
        cursor="updated",
        groups=BY_PROJECT,
        cost=UnitCost(
            2,
            (
                CostStep(
                    "pages of issues, 20 comments of each with them",
                    "jira.issues",
                    search.PAGE_SIZE,
                    points_per_record=1,
                ),
                CostStep(
                    "issues with more than 20 comments, asked one by one",
                    "jira.issues",
                    1,
                    share=MANY_COMMENTS,
                ),
                CENSUS_COST,
            ),
        ),
        entities=None,
        common=common_data.COMMENTS,
    ),
    columns=same_columns(COMMENT_COLUMNS + OF_ISSUE),
    read_full=read_every_comment,
    read_changes=read_changed_comments,
    census=comment_census,
    entities=None,
    reread=reread_comment,
    common=common_data.COMMENTS,
)
