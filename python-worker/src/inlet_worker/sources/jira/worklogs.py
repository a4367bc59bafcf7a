"""The worklogs unit: the feed of changed ids, then the worklogs themselves a thousand at a time.
The feed is site-wide, so a project filter asks which project each issue belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
from msgspec import Raw

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Column, ColumnReader, column, epoch_ms
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.exact_values import to_string
from inlet_sdk.http.json_record import Record, parse_page
from inlet_sdk.http.page_size import fitting_parts
from inlet_sdk.http.request import Request
from inlet_sdk.ports.described_endpoint import CostStep, UnitCost
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceBatch, SourceWarning
from inlet_sdk.units.batches import batch, ids_again, make_rows, row_maker
from inlet_sdk.units.change_cursor import ChangePass, Windows
from inlet_sdk.units.debt import MORE_MISSING, Debt, Owed
from inlet_sdk.units.history import hidden_apart
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.reread import rereader
from inlet_sdk.units.slices import ChangesCursor, ChangesPlace
from inlet_sdk.units.unit import Unit, describe_unit, same_columns
from inlet_worker.sources.jira import common_data, jql
from inlet_worker.sources.jira.census.worklogs import worklog_census
from inlet_worker.sources.jira.fields import person_columns
from inlet_worker.sources.jira.issue_search import IssueSearch
from inlet_worker.sources.jira.policy import BY_PROJECT
from inlet_worker.sources.jira.scope import API, ProjectScope
from inlet_worker.sources.jira.worklog_feed import feed_pages

IDS_PER_REQUEST = 1000
ISSUES_PER_QUERY = 500
HELD_BACK_MS = 60_000
"""The feed names no worklog of the newest minute: no cursor may reach into it."""

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

UNREADABLE_ISSUES = SourceWarning(
    "UNEXPECTED_RESPONSE",
    "Issues of changed worklogs could not be read, so nothing says which project they are of; "
    "their worklogs are missing. Run again.",
    partial=True,
)

_list = msgspec.json.Decoder(list[Raw])
make_worklog = row_maker(ColumnReader(WORKLOG_COLUMNS), "id", numbers=("id", "issueId"))


def read_every_worklog(
    site: HttpEndpoint, policy: ReadingPolicy, context: IngestionContext
) -> Iterator[SourceBatch]:
    """The feed of changes from its beginning has them all."""
    return read_changed_worklogs(site, None, policy, context)


def read_changed_worklogs(
    site: HttpEndpoint,
    cursor: Mapping[str, Any] | None,
    policy: ReadingPolicy,
    context: IngestionContext,
) -> Iterator[SourceBatch]:
    """What is owed; then everything in the feed since the cursor, one batch per page."""
    scope = ProjectScope(site, policy.groups, context)
    state, debt = _begin(site, cursor, policy, scope, context)

    if debt:
        for left, records, warnings in _reread(site, debt, context):
            debt = left
            within, doubts = _of_projects(site, records, scope, context)
            rows, bad = make_rows(within, make_worklog, key="id")
            told = [*warnings, *doubts, *scope.take_warnings()]
            resume = ChangesPlace(state.place(), debt).dump()
            reached = ChangesCursor(state.cursor(complete=False), debt).dump()
            yield batch(context, rows, resume, cursor=reached, quarantined=bad, warnings=told)
        if debt.unnamed:
            debt = replace(debt, unnamed=0)
            resume = ChangesPlace(state.place(), debt).dump()
            yield batch(context, [], resume, warnings=[MORE_MISSING])

    again = ids_again(context)
    if again and context.continuation is None:
        records, _ = _read(site, again, context)  # what is gone by now is not told
        within, doubts = _of_projects(site, records, scope, context)
        rows, bad = make_rows(within, make_worklog, key="id")
        resume = ChangesPlace(state.place(), debt).dump()
        yield batch(context, rows, resume, quarantined=bad, warnings=doubts)

    for page in feed_pages(site, "updated", state.exact_since, context):
        context.progress.pages += 1
        # What is owed was named before, while it was hidden: it is asked for though its version is
        # known.
        owed = bool(debt and debt.owed)
        state.time_is(site.time_ms() - HELD_BACK_MS)
        ids = [w.worklogId for w in page.items if state.is_new(w.worklogId, w.updatedTime) or owed]
        state.page_read([w.updatedTime for w in page.items])
        records, warnings = _read(site, ids, context)
        within, doubts = _of_projects(site, records, scope, context)
        rows, bad = make_rows(within, make_worklog, key="id")
        told = [*warnings, *doubts, *scope.take_warnings()]

        last = page.next is None and not page.open_end
        if debt:
            since_then = () if last or state.caught_up else (Owed(state.exact_since),)
            debt = replace(debt, owed=since_then if debt.owed else ())
        resume = ChangesPlace(state.place(), debt).dump()
        reached = ChangesCursor(state.cursor(complete=last), debt).dump()
        yield batch(context, rows, resume, cursor=reached, quarantined=bad, warnings=told)


def _begin(
    site: HttpEndpoint,
    cursor: Mapping[str, Any] | None,
    policy: ReadingPolicy,
    scope: ProjectScope,
    context: IngestionContext,
) -> tuple[ChangePass, Debt | None]:
    """Where reading is, and what is owed: of a hidden project later. The feed is of the database,
    not of the late search index: no trailing pass is needed.
    """
    windows = Windows(policy.windows.overlap_ms, 0)
    if context.continuation is not None:
        place = ChangesPlace.parse(context.continuation)
        return ChangePass.resumed(place.change, windows), place.debt

    before = ChangesCursor.parse(cursor)
    debt = hidden_apart(before.debt, scope.keys) if before.debt else None
    owed = debt.owed if debt else ()
    since = min((max(0, some.since) for some in owed), default=None)
    state = ChangePass(before.change, windows, epoch_ms(site.clock.now()), since)
    return state, debt


def _reread(
    site: HttpEndpoint, debt: Debt, context: IngestionContext
) -> Iterator[tuple[Debt, list[Record], list[SourceWarning]]]:
    """Worklogs that a census found missing, each some with what is left once they have landed. One
    that is hidden by now was shown to the census: rows are missing.
    """
    while debt.ids:
        records, warnings = _read(site, debt.ids[:IDS_PER_REQUEST], context)
        debt = replace(debt, ids=debt.ids[IDS_PER_REQUEST:])
        yield debt, records, [replace(warning, partial=True) for warning in warnings]


def _read(
    site: HttpEndpoint, ids: Sequence[int], context: IngestionContext
) -> tuple[list[Record], list[SourceWarning]]:
    def ask(some: Sequence[int]) -> list[Record]:
        request = Request(f"{API}/worklog/list", "POST", body={"ids": list(some)})
        return site.fetch(request, _parse_list, context)

    def listed(some: Sequence[int]) -> list[Record]:
        return [record for _, part in fitting_parts(some, IDS_PER_REQUEST, ask) for record in part]

    records = listed(ids)
    if len(records) < len(ids):
        # One that is left out by mistake is there when it is asked for again.
        shown = {_number(record, "id") for record in records}
        records += listed([worklog for worklog in ids if worklog not in shown])

    hidden = len(ids) - len(records)
    if hidden <= 0:
        return records, []
    message = (
        f"{hidden} changed worklogs are hidden from the account. Grant it access to their issues "
        "if they are wanted."
    )
    return records, [SourceWarning("PROJECT_FORBIDDEN", message)]


def _parse_list(answer: HttpAnswer) -> list[Record]:
    found, page = parse_page(answer.body, _list)
    return page.records(found)


def _of_projects(
    site: HttpEndpoint, records: list[Record], scope: ProjectScope, context: IngestionContext
) -> tuple[list[Record], list[SourceWarning]]:
    """The worklogs on issues of the named projects, all without a filter; and what the search for
    their issues says against its own completeness.
    """
    if scope.keys is None or not records:
        return records, []

    issue_of = [_number(record, "issueId") for record in records]
    wanted = sorted({issue for issue in issue_of if issue is not None})
    kept: set[int] = set()
    warnings: list[SourceWarning] = []
    for start in range(0, len(wanted), ISSUES_PER_QUERY):
        some = wanted[start : start + ISSUES_PER_QUERY]
        search = IssueSearch(site, ["id"], scope, ISSUES_PER_QUERY)
        for page in search.pages(partial(jql.issues_of, some), context):
            kept.update(issue.id for issue in page.records)
            warnings += [*page.warnings, *([UNREADABLE_ISSUES] if page.quarantined else [])]

    within = [
        record
        for record, issue in zip(records, issue_of, strict=True)
        if issue is None or issue in kept
    ]
    return within, warnings


def _number(record: Record, member: str) -> int | None:
    """An id; None for a record that will be quarantined or cannot be placed, and so is kept."""
    try:
        return int(to_string(record.members()[member]) or "")
    except (msgspec.DecodeError, KeyError, ValueError):
        return None


WORKLOGS = Unit(
    descriptor=describe_unit(
        "jira.worklogs",
        "Worklogs",
        key="id",
        cursor="updated",  # `started`, the other time of a worklog, would lose edits of old ones
        groups=BY_PROJECT,
        cost=UnitCost(
            2,
            (
                CostStep("pages of the feed of changes", "jira.worklogs", IDS_PER_REQUEST),
                CostStep("lists of worklogs", "jira.worklogs", IDS_PER_REQUEST),
                CostStep(
                    "projects of their issues",
                    "jira.worklogs",
                    ISSUES_PER_QUERY,
                    only_with_filters=True,
                    points_per_record=1,
                ),
            ),
        ),
        entities=None,
        common=common_data.WORKLOGS,
    ),
    columns=same_columns(WORKLOG_COLUMNS),
    read_full=read_every_worklog,
    read_changes=read_changed_worklogs,
    census=worklog_census,
    entities=None,
    reread=rereader(make_worklog),
    common=common_data.WORKLOGS,
)
