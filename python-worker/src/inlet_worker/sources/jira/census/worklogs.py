"""The census of worklogs. Deletions come by a feed of their own, which the vendor holds back for a
minute; what the feed names is asked for by id as well, for a worklog that it names may still exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.pagination import Page, token_pages
from inlet_sdk.ports.census import CensusOrder, CensusReport, Finding, LandedRows, Tombstone
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.debt import Debt, Owed
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira.census.direct_reads import listed_worklogs
from inlet_worker.sources.jira.census.parents import LandedChildren
from inlet_worker.sources.jira.census.projects import (
    compared_finding,
    gone_finding,
    mismatch_finding,
    shows_nothing,
)
from inlet_worker.sources.jira.census.reappeared import Absent, next_state, owed_finding
from inlet_worker.sources.jira.census.shown_issues import fewer_shown, shown_issues
from inlet_worker.sources.jira.census.time_left import refuse_if_late
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.worklog_feed import ChangedWorklog, feed_page

WHAT = "worklogs"
FEED_OVERLAP_MS = 60_000


def worklog_census(
    http: HttpEndpoint,
    policy: ReadingPolicy,
    order: CensusOrder,
    landed: LandedRows,
    context: IngestionContext,
) -> CensusReport:
    """The feed of deletions where they matter; issues and the feed of changes when due or when
    fewer are shown.
    """
    scope = ProjectScope(http, policy.groups, context)
    count = None if order.due else fewer_shown(http, scope, order, context)
    if count and not count.fewer and not order.deletes:
        return CensusReport(False, state=count.state)
    # From the beginning when it is due: a replay or a redrive may have brought back what was
    # buried.
    since = int(order.state.get("deletedSince", 0)) if order.deletes and not order.due else 0
    deleted = _feed(http, "deleted", since, context)
    tombstones = _tombstones(http, deleted, landed, context) if order.deletes else {}
    told = (
        {"deletedSince": max([since, *(w.updatedTime - FEED_OVERLAP_MS for w in deleted)])}
        if order.deletes
        else {}
    )
    if count and not count.fewer:
        return CensusReport(False, (), tuple(tombstones.values()), {**count.state, **told})
    known = {w.worklogId for w in deleted} | set(tombstones)
    found = _compared(http, scope, policy, order, landed, known, context)
    return replace(found, tombstones=tuple(tombstones.values()), state={**found.state, **told})


def _compared(
    http: HttpEndpoint,
    scope: ProjectScope,
    policy: ReadingPolicy,
    order: CensusOrder,
    landed: LandedRows,
    deleted: set[int],
    context: IngestionContext,
) -> CensusReport:
    shown = shown_issues(http, scope, context)
    worklogs = LandedChildren.read(landed)
    if not len(shown) and worklogs.count:
        hidden = Absent(order, policy, {None: worklogs.count})
        state = next_state(hidden, (), Debt.parse(order.state).owed, count=0)
        return CensusReport(True, (shows_nothing(worklogs.count, WHAT),), state=state)
    orphans = worklogs.of_absent_issues(shown).ids()
    gone = [worklog for worklog in orphans if worklog in deleted]
    staying = Absent(order, policy, {None: len(orphans) - len(gone)})
    invisible = (
        0 if policy.groups else len(orphans) - len(gone)
    )  # nothing says which project they are of
    findings = [] if order.deletes else [*gone_finding(len(gone), WHAT)]
    if invisible:
        message = f"{invisible} landed worklogs are on issues that are no longer shown. They are kept as they are."
        findings.append(Finding("INVISIBLE", message, "partial"))
    changed = _feed(http, "updated", 0, context)
    settled = (order.position or 0) - policy.windows.overlap_ms
    missing = _not_landed([w.worklogId for w in changed if w.updatedTime < settled], worklogs)
    lost = _visible(http, scope, missing, context)
    compared = compared_finding(len(changed), worklogs.count, 0, "worklogs, hidden ones included")
    unpaid = () if context.mode == "FULL" else Debt.parse(order.state).owed
    since = min([*staying.shown_again().values(), *(owed.since for owed in unpaid)], default=None)
    missed = [] if since is None else [w for w in changed if w.updatedTime >= since]
    owed = [Owed(since)] if missed and since is not None else []
    state = next_state(staying, lost, owed, count=len(shown))
    said = (mismatch_finding(lost, WHAT) if lost else compared, *findings)
    return CensusReport(True, said, state=state, debts=owed_finding(len(missed), WHAT))


def _tombstones(
    http: HttpEndpoint,
    deleted: Sequence[ChangedWorklog],
    landed: LandedRows,
    context: IngestionContext,
) -> dict[int, Tombstone]:
    at = {w.worklogId: w.updatedTime for w in deleted}
    named = pa.array(sorted(at), pa.int64())
    suspects: list[int] = []
    for batch in landed.batches("id") if at else ():
        ids = batch.column("id").cast(pa.int64())
        suspects += ids.filter(pc.is_in(ids, named)).to_pylist()
    alive = listed_worklogs(http, suspects, context)
    return {
        worklog: Tombstone(str(worklog), {"deletedFeedAt": at[worklog], "directRead": "denied"})
        for worklog in suspects
        if worklog not in alive
    }


def _feed(
    http: HttpEndpoint, name: Literal["updated", "deleted"], since: int, context: IngestionContext
) -> list[ChangedWorklog]:
    def page_at(url: str | None) -> Page[ChangedWorklog]:
        refuse_if_late(context)
        return feed_page(http, name, since, url, context)

    return [worklog for page in token_pages(page_at) for worklog in page.items]


def _not_landed(ids: Sequence[int], worklogs: LandedChildren) -> list[int]:
    have = worklogs.table.column("id")
    return (
        []
        if not ids
        else list(pc.filter(pa.array(ids), pc.invert(pc.is_in(pa.array(ids), have))).to_pylist())
    )


def _visible(
    http: HttpEndpoint, scope: ProjectScope, missing: Sequence[int], context: IngestionContext
) -> list[int]:
    """Those that the account sees; within named projects none is judged, for the feed is site-wide."""
    if scope.keys is not None or not missing:
        return []
    return sorted(listed_worklogs(http, missing, context))
