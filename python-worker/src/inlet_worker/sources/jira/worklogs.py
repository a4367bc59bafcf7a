"""The worklogs unit: the feed of changed ids, then the worklogs themselves a thousand at a time.
The feed is ordered, holds back the newest minute, and is site-wide: a project filter asks which
project each issue belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
from msgspec import Raw

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Column, ColumnReader, Long, column, epoch_ms, to_string
from inlet_sdk.http.endpoint import HttpEndpoint, Request
from inlet_sdk.http.json_record import Record, parse_page
from inlet_sdk.http.pagination import Page, token_pages
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceBatch, SourceWarning
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.batches import batch, make_rows, row_maker
from inlet_worker.sources.jira.cursor import ChangeCursor, ChangePass, Windows
from inlet_worker.sources.jira.debt import MORE_MISSING, Debt, Owed
from inlet_worker.sources.jira.fields import person_columns
from inlet_worker.sources.jira.policy import JiraPolicy
from inlet_worker.sources.jira.scope import API, ProjectScope
from inlet_worker.sources.jira.search import IssueSearch

IDS_PER_REQUEST = 1000
ISSUES_PER_QUERY = 500

WORKLOG_COLUMNS: tuple[Column, ...] = (
    column("id", "string"),
    column("issueId", "string"),
    *person_columns("author"),
    *person_columns("updateAuthor"),
    column("created", "timestamp"),
    column("updated", "timestamp"),
    column("started", "timestamp"),
    column("timeSpent", "string"),
    column("timeSpentSeconds", "long"),
    column("comment", "json", description="Atlassian document format."),
    column("visibility", "json"),
)


class ChangedWorklog(msgspec.Struct):
    worklogId: Long
    updatedTime: Long


class WorklogFeed(msgspec.Struct):
    values: list[ChangedWorklog]
    lastPage: bool
    nextPage: str | None = None


_feed = msgspec.json.Decoder(WorklogFeed)
_list = msgspec.json.Decoder(list[Raw])
make_worklog = row_maker(ColumnReader(WORKLOG_COLUMNS), "id", numbers=("id", "issueId"))


def worklog_batches(
    http: HttpEndpoint,
    cursor: Mapping[str, Any] | None,
    policy: JiraPolicy,
    context: IngestionContext,
) -> Iterator[SourceBatch]:
    """Everything in the feed since `cursor` (None: from the beginning). One batch per page of the
    feed.
    """
    scope = ProjectScope(http, policy.project_keys, context)
    windows = Windows(
        policy.windows.overlap_ms, 0
    )  # the feed is of the database, not of the late search index
    if context.continuation is not None:
        state, debt = (
            ChangePass.resumed(context.continuation, windows),
            Debt.resumed(context.continuation),
        )
    else:
        debt = Debt.of_cursor(cursor)
        since = min((owed.since for owed in debt.owed), default=None) if debt else None
        state = ChangePass(
            ChangeCursor.from_json(cursor), windows, epoch_ms(http.clock.now()), since
        )
    for left, records in _reread(http, debt, context) if debt else ():
        debt = left
        rows, bad = make_rows(_of_projects(http, records, scope, context), make_worklog)
        at = debt.in_cursor(state.cursor(complete=False).as_json())
        yield batch(context, rows, debt.in_resume(state.resume()), cursor=at, quarantined=bad)
    if debt and debt.unnamed:
        debt = replace(debt, unnamed=0)
        yield batch(context, [], debt.in_resume(state.resume()), warnings=[MORE_MISSING])
    first = f"{API}/worklog/updated"
    since = state.exact_since

    def page_at(url: str | None) -> Page[ChangedWorklog]:
        return http.fetch(
            Request(url) if url else Request(first, query={"since": since}), parse_feed, context
        )

    for page in token_pages(page_at):
        context.progress.pages += 1
        # What is owed was named before, while it was hidden: it is asked for though its version is
        # known.
        owed = bool(debt and debt.owed)
        ids = [w.worklogId for w in page.items if state.is_new(w.worklogId, w.updatedTime) or owed]
        state.page_read([w.updatedTime for w in page.items])
        records, warnings = _read(http, ids, context)
        records = _of_projects(http, records, scope, context)
        rows, bad = make_rows(records, make_worklog)
        warnings += scope.take_warnings()
        last = page.next is None
        at, resume = state.cursor(complete=last).as_json(), state.resume()
        if debt:
            since_then = () if last or state.caught_up else (Owed(state.exact_since),)
            debt = replace(debt, owed=since_then if debt.owed else ())
            at, resume = debt.in_cursor(at), debt.in_resume(resume)
        yield batch(context, rows, resume, cursor=at, quarantined=bad, warnings=warnings)


def _reread(
    http: HttpEndpoint, debt: Debt, context: IngestionContext
) -> Iterator[tuple[Debt, list[Record]]]:
    """Worklogs that a census found missing, each some with what is left once they have landed."""
    while debt.ids:
        records, _ = _read(http, debt.ids[:IDS_PER_REQUEST], context)
        debt = replace(debt, ids=debt.ids[IDS_PER_REQUEST:])
        yield debt, records


def parse_feed(answer: HttpAnswer) -> Page[ChangedWorklog]:
    found, _ = parse_page(answer.body, _feed)
    if not found.lastPage and not found.nextPage:
        raise msgspec.ValidationError("lastPage is false and there is no nextPage")
    return Page(found.values, None if found.lastPage else found.nextPage)


def _read(
    http: HttpEndpoint, ids: Sequence[int], context: IngestionContext
) -> tuple[list[Record], list[SourceWarning]]:
    records: list[Record] = []
    for start in range(0, len(ids), IDS_PER_REQUEST):
        request = Request(
            f"{API}/worklog/list", "POST", body={"ids": list(ids[start : start + IDS_PER_REQUEST])}
        )
        records += http.fetch(request, _parse_list, context)
    hidden = len(ids) - len(records)
    if not hidden:
        return records, []
    message = f"{hidden} changed worklogs are hidden from the account. Grant it access to their issues if they are wanted."
    return records, [SourceWarning("PROJECT_FORBIDDEN", message)]


def _parse_list(answer: HttpAnswer) -> list[Record]:
    found, page = parse_page(answer.body, _list)
    return page.records(found)


def _issue_of(record: Record) -> int | None:
    """The issue's id; None for a record that will be quarantined or cannot be placed, and so is
    kept.
    """
    try:
        return int(to_string(record.members()["issueId"]) or "")
    except (msgspec.DecodeError, KeyError, ValueError):
        return None


def _of_projects(
    http: HttpEndpoint, records: list[Record], scope: ProjectScope, context: IngestionContext
) -> list[Record]:
    """The worklogs on issues of the named projects; all without a filter."""
    if scope.keys is None or not records:
        return records
    issue_of = [_issue_of(record) for record in records]
    wanted = sorted({issue for issue in issue_of if issue is not None})
    kept: set[int] = set()
    for start in range(0, len(wanted), ISSUES_PER_QUERY):
        some = wanted[start : start + ISSUES_PER_QUERY]
        search = IssueSearch(http, ["id"], scope, ISSUES_PER_QUERY)
        for page in search.pages(partial(jql.issues_of, some), context):
            kept.update(issue.id for issue in page.issues)
    return [
        record
        for record, issue in zip(records, issue_of, strict=True)
        if issue is None or issue in kept
    ]
