"""The worklogs unit: the feed of changed ids, then the worklogs themselves a thousand at a time.
The feed is site-wide, so a project filter asks which project each issue belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

from inlet_sdk.http.columns import epoch_ms
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.json_record import Record
from inlet_sdk.ports.described_endpoint import CostStep, UnitCost
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import SourceBatch, SourceWarning
from inlet_sdk.units.batches import batch, ids_again
from inlet_sdk.units.change_cursor import ChangePass, Windows
from inlet_sdk.units.debt import MORE_MISSING, Debt, Owed
from inlet_sdk.units.history import hidden_apart
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.reread import rereader
from inlet_sdk.units.slices import ChangesCursor, ChangesPlace
from inlet_sdk.units.unit import Unit, describe_unit, same_columns
from inlet_worker.sources.jira import common_data, jql
from inlet_worker.sources.jira.census.worklogs import worklog_census
from inlet_worker.sources.jira.issue_search import IssueSearch
from inlet_worker.sources.jira.policy import BY_PROJECT
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.worklog_feed import feed_pages
from inlet_worker.sources.jira.worklog_lists import (
    IDS_PER_REQUEST,
    WORKLOG_COLUMNS,
    ReadWorklogs,
    lists_at_once,
    make_worklog,
    number_in,
    worklog_rows,
    worklogs_of,
    worklogs_to,
)

ISSUES_PER_QUERY = 500
HELD_BACK_MS = 60_000
"""The feed names no worklog of the newest minute: no cursor may reach into it."""

UNREADABLE_ISSUES = SourceWarning(
    "UNEXPECTED_RESPONSE",
    "Issues of changed worklogs could not be read, so nothing says which project they are of; "
    "their worklogs are missing. Run again.",
    partial=True,
)


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
    rows_of = worklog_rows()

    def read_batch(read: ReadWorklogs) -> SourceBatch:
        within, doubts = _of_projects(site, read.records, scope, context)
        rows, bad = rows_of.rows(within)
        told = [*read.warnings, *doubts, *scope.take_warnings()]
        return batch(
            context, rows, read.resume, cursor=read.reached, quarantined=bad, warnings=told
        )

    if debt:
        for left, read in _reread(site, debt, state, context):
            debt = left
            yield read_batch(read)
        if debt.unnamed:
            debt = replace(debt, unnamed=0)
            resume = ChangesPlace(state.place(), debt).dump()
            yield batch(context, [], resume, warnings=[MORE_MISSING])

    again = ids_again(context)
    if again and context.continuation is None:
        records, _ = worklogs_of(site, again, context)  # what is gone by now is not told
        yield read_batch(ReadWorklogs(records, [], ChangesPlace(state.place(), debt).dump(), None))

    fetches = _changed(site, state, debt, context)
    with closing(lists_at_once(site, fetches)) as reads:
        for read in reads:
            context.progress.pages += 1
            yield read_batch(read)


def _changed(
    site: HttpEndpoint, state: ChangePass, debt: Debt | None, context: IngestionContext
) -> Iterator[Callable[[], ReadWorklogs]]:
    """How the worklogs of each page of the feed are read. A page is asked for while those of the
    pages before are under way, so each says where reading is behind it.
    """
    for page in feed_pages(site, "updated", state.exact_since, context):
        # What is owed was named before, while it was hidden: it is asked for though its version is
        # known.
        owed = bool(debt and debt.owed)
        state.time_is(site.time_ms() - HELD_BACK_MS)
        ids = [w.worklogId for w in page.items if state.is_new(w.worklogId, w.updatedTime) or owed]
        state.page_read([w.updatedTime for w in page.items])

        last = page.next is None and not page.open_end
        if debt:
            since_then = () if last or state.caught_up else (Owed(state.exact_since),)
            debt = replace(debt, owed=since_then if debt.owed else ())
        resume = ChangesPlace(state.place(), debt).dump()
        reached = ChangesCursor(state.cursor(complete=last), debt).dump()
        yield partial(worklogs_to, site, ids, resume, reached, context)


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
    site: HttpEndpoint, debt: Debt, state: ChangePass, context: IngestionContext
) -> Iterator[tuple[Debt, ReadWorklogs]]:
    """Worklogs that a census found missing, each some with what is left once they have landed. One
    that is hidden by now was shown to the census: rows are missing.
    """
    starts = range(0, len(debt.ids), IDS_PER_REQUEST)
    parts = [debt.ids[at : at + IDS_PER_REQUEST] for at in starts]
    lefts = [replace(debt, ids=debt.ids[at + IDS_PER_REQUEST :]) for at in starts]
    place, cursor = state.place(), state.cursor(complete=False)
    fetches = (
        partial(
            worklogs_to,
            site,
            part,
            ChangesPlace(place, left).dump(),
            ChangesCursor(cursor, left).dump(),
            context,
        )
        for part, left in zip(parts, lefts, strict=True)
    )
    with closing(lists_at_once(site, fetches)) as reads:
        for left, read in zip(lefts, reads, strict=True):
            missing = [replace(warning, partial=True) for warning in read.warnings]
            yield left, replace(read, warnings=missing)


def _of_projects(
    site: HttpEndpoint, records: list[Record], scope: ProjectScope, context: IngestionContext
) -> tuple[list[Record], list[SourceWarning]]:
    """The worklogs on issues of the named projects, all without a filter; and what the search for
    their issues says against its own completeness.
    """
    if scope.keys is None or not records:
        return records, []

    issue_of = [number_in(record, "issueId") for record in records]
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
