"""The census of worklogs. The feed of changes names every worklog of the site with its time, so all
are compared; what disagrees is asked for by id. Deletions come by a feed of their own, which the
vendor holds back for a minute; what it names is asked for as well, for it may still exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CensusOrder, CensusReport, Finding, LandedRows, Tombstone
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.absent_records import ASKED_AT_MOST, absent_again
from inlet_sdk.units.census.apart import ids_apart
from inlet_sdk.units.census.compared_state import ComparedState
from inlet_sdk.units.census.findings import Words
from inlet_sdk.units.census.landed import LandedChildren
from inlet_sdk.units.census.listing import shown_ids
from inlet_sdk.units.census.reappeared import Absent, next_state
from inlet_sdk.units.census.record_census import shows_no_fewer
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_sdk.units.census.versions import Settled
from inlet_sdk.units.debt import Owed
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira.census.site import CensusSite
from inlet_worker.sources.jira.census.worklog_versions import WorklogCheck
from inlet_worker.sources.jira.direct_reads import listed_worklogs
from inlet_worker.sources.jira.worklog_feed import ChangedWorklog, feed_pages

WORDS = Words("worklogs", "project", "projects")
FEED_OVERLAP_MS = 60_000


@dataclass(frozen=True)
class WorklogState:
    """`deleted_since`: up to when (epoch ms) the feed of deletions was read, None before."""

    compared: ComparedState
    deleted_since: int | None

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> WorklogState:
        return cls(ComparedState.parse(stored), stored.get("deletedSince"))

    def dump(self) -> dict[str, Any]:
        position = {} if self.deleted_since is None else {"deletedSince": self.deleted_since}
        return {**self.compared.dump(), **position}


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
    site = CensusSite(http, policy, context)
    unchanged = shows_no_fewer(site, order)
    if unchanged is not None and not order.deletes:
        before = WorklogState.parse(order.state)
        return CensusReport(False, state=replace(before, compared=unchanged).dump())

    since = _deletions_since(order)
    deleted = _feed(http, "deleted", since, context)
    tombstones = _tombstones(http, deleted, landed, context) if order.deletes else {}
    now_ms = http.time_ms()
    seen_until = max([since, *(min(w.updatedTime, now_ms) - FEED_OVERLAP_MS for w in deleted)])
    deleted_since = seen_until if order.deletes else None
    buried = tuple(tombstones.values())
    if unchanged is not None:
        state = WorklogState(unchanged, deleted_since)
        return CensusReport(False, (), buried, state.dump())

    known = {w.worklogId for w in deleted} | set(tombstones)
    compared, report = _compared(http, site, policy, order, landed, known, context)
    state = WorklogState(compared, deleted_since)
    return replace(report, tombstones=(*buried, *report.tombstones), state=state.dump())


def _deletions_since(order: CensusOrder) -> int:
    """From the beginning when it is due: a replay or a redrive may have brought back what was
    buried.
    """
    if order.due or not order.deletes:
        return 0
    return WorklogState.parse(order.state).deleted_since or 0


def _compared(
    http: HttpEndpoint,
    site: CensusSite,
    policy: ReadingPolicy,
    order: CensusOrder,
    landed: LandedRows,
    deleted: set[int],
    context: IngestionContext,
) -> tuple[ComparedState, CensusReport]:
    """The state, and the report without it."""
    shown = shown_ids(site.ids, context)
    worklogs = LandedChildren.read(landed, "id", "issueId", "updated")
    if not len(shown) and worklogs.count:
        absent = Absent(order, policy, {None: worklogs.count})
        state = next_state(absent, (), absent.before.debt.owed, count=0)
        return state, CensusReport(True, (WORDS.shows_nothing(worklogs.count),))

    changed = _feed(http, "updated", 0, context)
    settled = Settled.after(order.position, site.began_ms(), site.time_ms(), policy)
    check = WorklogCheck(http, site, worklogs, settled, context)
    check.compare({w.worklogId: w.updatedTime for w in changed})
    apart = check.take_apart(ids_apart(order))
    absent_ones = worklogs.of_absent_parents(shown)
    approved = order.deletes and policy.approve_deletes and policy.groups is None
    of_gone = _of_gone_issues(http, site, absent_ones, context) if approved else {}
    orphans = _orphans(site, policy, absent_ones, deleted | set(of_gone))

    absent = Absent(order, policy, {None: orphans.staying})
    unpaid = absent.unpaid(context)
    history = [owed for owed in unpaid if owed.is_history]
    owing = [
        *absent.shown_again().values(),
        *(owed.since for owed in unpaid if not owed.is_history),
    ]
    since = min(owing, default=None)
    missed = [] if since is None else [w for w in changed if w.updatedTime >= since]
    owed = [Owed(since)] if missed and since is not None else []
    state = next_state(absent, sorted(check.lost), [*history, *owed], count=len(shown))

    findings = (
        *WORDS.mismatch(sorted(check.missing), sorted(check.stale)),
        *_unnamed(sorted(check.unnamed)),
        *([] if order.deletes else WORDS.gone(orphans.gone)),
        *_invisible(orphans.hidden, policy.groups is None),
        *WORDS.left_the_groups(orphans.elsewhere),
        *WORDS.uncompared(orphans.unasked, worklogs.count),
        *_unshown(len(check.unshown - deleted), len(changed)),
        *WORDS.apart(apart),
    )
    debts = WORDS.owed(len(missed))
    agree = not debts and all(f.code in ("CENSUS_GONE", "NOT_SHOWN") for f in findings)
    compared = WORDS.compared(len(changed), worklogs.count, len(check.late), how="one by one")
    said = (*([compared] if agree else []), *findings)
    return state, CensusReport(True, said, tuple(of_gone.values()), debts=debts)


@dataclass(frozen=True)
class Orphans:
    """Landed worklogs on issues that are not shown. gone: the feed of deletions names them, or an
    operator approved that they go.
    staying: the others; of these, hidden with their issues, elsewhere on issues outside the unit's
    projects, unasked of which nothing is known.
    """

    gone: int
    staying: int
    hidden: int = 0
    elsewhere: int = 0
    unasked: int = 0


def _orphans(
    site: CensusSite, policy: ReadingPolicy, orphans: LandedChildren, deleted: set[int]
) -> Orphans:
    gone = [worklog for worklog in orphans.ids() if worklog in deleted]
    staying = orphans.count - len(gone)
    if not staying or policy.groups is None:
        return Orphans(len(gone), staying, hidden=staying)

    # Of a named project, an issue may have been moved elsewhere.
    rows = zip(orphans.ids(), orphans.table.column("parent").to_pylist(), strict=True)
    issue_of = {worklog: issue for worklog, issue in rows if worklog not in deleted}
    reads = site.read(sorted(set(issue_of.values()))[:ASKED_AT_MOST])
    elsewhere = sum(issue in reads.found for issue in issue_of.values())
    hidden = sum(issue in reads.denied for issue in issue_of.values())
    unasked = staying - elsewhere - hidden
    return Orphans(len(gone), staying, hidden, elsewhere, unasked)


def _of_gone_issues(
    http: HttpEndpoint, site: CensusSite, orphans: LandedChildren, context: IngestionContext
) -> dict[int, Tombstone]:
    """Orphans that are denied, as are their issues. A worklog names no project, so that one of a
    hidden project looks just so: they go only where an operator approves it, and of a unit without
    named projects, for rows of projects that were taken out stay. The feed of deletions does not
    name what went with its issue.
    """
    denied = site.read(absent_again(site.ids, orphans.parents(), context)).denied
    suspects = orphans.of_parents(pa.array(sorted(denied), pa.int64())).ids()
    alive = listed_worklogs(http, suspects, context)
    proof = {"issue": {"absentFromPasses": 2, "directRead": "denied"}, "directRead": "denied"}
    return {worklog: Tombstone(str(worklog), proof) for worklog in suspects if worklog not in alive}


def _invisible(count: int, approvable: bool) -> tuple[Finding, ...]:
    if not count:
        return ()
    message = (
        f"{count} landed worklogs are on issues that are no longer shown. They are kept as they "
        "are."
    )
    if approvable:
        message += " If the issues are really gone, set `policy.approveDeletes`."
    return (Finding("INVISIBLE", message, "partial"),)


def _unshown(count: int, of: int) -> tuple[Finding, ...]:
    if not count:
        return ()
    message = (
        f"{count} of {of} worklogs that the feed of changes names are not shown when they are "
        "asked for. They are hidden from the account, or the source leaves them out: nothing "
        "tells which, so they were not compared."
    )
    return (Finding("CENSUS_UNCOMPARED", message),)


def _unnamed(worklogs: Sequence[int]) -> tuple[Finding, ...]:
    if not worklogs:
        return ()
    first = ", ".join(map(str, worklogs[:5]))
    message = (
        f"The feed of worklogs leaves out {len(worklogs)} that the source shows when it is asked "
        f"for them (ids {first}). Rows may be missing or old. Run again, and report it if it stays."
    )
    return (Finding("UNEXPECTED_RESPONSE", message, "partial"),)


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
    http: HttpEndpoint,
    feed: Literal["updated", "deleted"],
    since: int,
    context: IngestionContext,
) -> list[ChangedWorklog]:
    found: list[ChangedWorklog] = []
    for page in feed_pages(http, feed, since, context):
        refuse_if_late(context)
        found += page.items
    return found
