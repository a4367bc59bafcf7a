"""The census of worklogs. Deletions come by a feed of their own, which the vendor holds back for a minute; what the
feed names is asked for by id as well, for a worklog that it names may still exist."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from inlet_worker.context import IngestionContext
from inlet_worker.sources.census import CensusOrder, CensusReport, Finding, LandedRows, Tombstone
from inlet_worker.sources.http_endpoint import HttpEndpoint, Request
from inlet_worker.sources.jira.census.direct_reads import listed_worklogs
from inlet_worker.sources.jira.census.parents import LandedChildren
from inlet_worker.sources.jira.census.projects import (
    compared_finding,
    gone_finding,
    mismatch_finding,
    shows_nothing,
)
from inlet_worker.sources.jira.census.shown_issues import shown_issues
from inlet_worker.sources.jira.census.time_left import refuse_if_late
from inlet_worker.sources.jira.policy import JiraPolicy
from inlet_worker.sources.jira.scope import API, ProjectScope
from inlet_worker.sources.jira.worklogs import ChangedWorklog, parse_feed
from inlet_worker.sources.pagination import Page, token_pages

WHAT = "worklogs"
FEED_OVERLAP_MS = 60_000


def worklog_census(
    http: HttpEndpoint, rules: JiraPolicy, order: CensusOrder, landed: LandedRows, context: IngestionContext
) -> CensusReport:
    """The feed of deletions at each call; when it is due, the feed of changes and the issues as well."""
    since = int(order.state.get("deletedSince", 0)) if order.deletes else 0
    tombstones: dict[int, Tombstone] = {}
    state = dict(order.state)
    deleted: list[ChangedWorklog] = []
    if order.deletes or order.due:
        deleted = _feed(http, "deleted", since, context)
    if order.deletes:
        tombstones = _tombstones(http, deleted, landed, context)
        state = {"deletedSince": max([since, *(w.updatedTime - FEED_OVERLAP_MS for w in deleted)])}
    if not order.due:
        return CensusReport(False, (), tuple(tombstones.values()), state)
    scope = ProjectScope(http, rules.project_keys, context)
    findings = _compared(http, scope, rules, order, landed, {w.worklogId for w in deleted} | set(tombstones), context)
    return CensusReport(True, findings, tuple(tombstones.values()), state)


def _compared(
    http: HttpEndpoint,
    scope: ProjectScope,
    rules: JiraPolicy,
    order: CensusOrder,
    landed: LandedRows,
    deleted: set[int],
    context: IngestionContext,
) -> tuple[Finding, ...]:
    shown = shown_issues(http, scope, context)
    worklogs = LandedChildren.read(landed)
    if not len(shown) and worklogs.count:
        return (shows_nothing(worklogs.count, WHAT),)
    orphans = worklogs.of_absent_issues(shown).ids()
    gone = [worklog for worklog in orphans if worklog in deleted]
    hidden = len(orphans) - len(gone)
    findings = [] if order.deletes else [*gone_finding(len(gone), WHAT)]
    if hidden:
        message = f"{hidden} landed worklogs are on issues that are no longer shown. They are kept as they are."
        findings.append(Finding("INVISIBLE", message, "partial"))
    changed = _feed(http, "updated", 0, context)
    settled = (order.position or 0) - rules.windows.overlap_ms
    missing = _not_landed([w.worklogId for w in changed if w.updatedTime < settled], worklogs)
    lost = _visible(http, scope, missing, context)
    compared = compared_finding(len(changed), worklogs.count, 0, "worklogs, hidden ones included")
    return (mismatch_finding(lost, WHAT) if lost else compared, *findings)


def _tombstones(
    http: HttpEndpoint, deleted: Sequence[ChangedWorklog], landed: LandedRows, context: IngestionContext
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


def _feed(http: HttpEndpoint, name: str, since: int, context: IngestionContext) -> list[ChangedWorklog]:
    first = Request(f"{API}/worklog/{name}", query={"since": since})

    def page_at(url: str | None) -> Page[ChangedWorklog]:
        refuse_if_late(context)
        return http.fetch(Request(url) if url else first, parse_feed, context)

    return [worklog for page in token_pages(page_at) for worklog in page.items]


def _not_landed(ids: Sequence[int], worklogs: LandedChildren) -> list[int]:
    have = worklogs.table.column("id")
    return [] if not ids else list(pc.filter(pa.array(ids), pc.invert(pc.is_in(pa.array(ids), have))).to_pylist())


def _visible(http: HttpEndpoint, scope: ProjectScope, missing: Sequence[int], context: IngestionContext) -> list[int]:
    """Those that the account sees; within named projects none is judged, for the feed is site-wide."""
    if scope.keys is not None or not missing:
        return []
    return sorted(listed_worklogs(http, missing, context))
