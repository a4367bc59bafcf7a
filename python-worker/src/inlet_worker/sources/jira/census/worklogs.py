"""The census of worklogs. Deletions come by a feed of their own, which the vendor holds back for a
minute; what the feed names is asked for by id as well, for a worklog that it names may still exist.
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
from inlet_sdk.units.census.compared_state import ComparedState
from inlet_sdk.units.census.findings import Words
from inlet_sdk.units.census.landed import LandedChildren
from inlet_sdk.units.census.listing import shown_ids, without
from inlet_sdk.units.census.reappeared import Absent, next_state
from inlet_sdk.units.census.record_census import shows_no_fewer
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_sdk.units.debt import Owed
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira.census.direct_reads import listed_worklogs
from inlet_worker.sources.jira.census.site import CensusSite
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
    return replace(report, tombstones=buried, state=state.dump())


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
    worklogs = LandedChildren.read(landed, "id", "issueId")
    if not len(shown) and worklogs.count:
        absent = Absent(order, policy, {None: worklogs.count})
        state = next_state(absent, (), absent.before.debt.owed, count=0)
        return state, CensusReport(True, (WORDS.shows_nothing(worklogs.count),))

    orphans = worklogs.of_absent_parents(shown).ids()
    gone = [worklog for worklog in orphans if worklog in deleted]
    findings = [] if order.deletes else [*WORDS.gone(len(gone))]
    staying = len(orphans) - len(gone)
    # Nothing says which project they are of, so within named ones none is judged.
    if staying and not policy.groups:
        findings.append(_invisible(staying))

    changed = _feed(http, "updated", 0, context)
    settled = (order.position or 0) - policy.windows.overlap_ms
    missing = _not_landed([w.worklogId for w in changed if w.updatedTime < settled], worklogs)
    lost = _visible(http, site, missing, context)
    compared = WORDS.compared(len(changed), worklogs.count, note=", hidden ones included")

    absent = Absent(order, policy, {None: staying})
    unpaid = absent.unpaid(context)
    history = [owed for owed in unpaid if owed.is_history]
    owing = [
        *absent.shown_again().values(),
        *(owed.since for owed in unpaid if not owed.is_history),
    ]
    since = min(owing, default=None)
    missed = [] if since is None else [w for w in changed if w.updatedTime >= since]
    owed = [Owed(since)] if missed and since is not None else []
    state = next_state(absent, lost, [*history, *owed], count=len(shown))
    said = (WORDS.mismatch(lost) if lost else compared, *findings)
    return state, CensusReport(True, said, debts=WORDS.owed(len(missed)))


def _invisible(count: int) -> Finding:
    message = (
        f"{count} landed worklogs are on issues that are no longer shown. They are kept as they "
        "are."
    )
    return Finding("INVISIBLE", message, "partial")


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


def _not_landed(ids: Sequence[int], worklogs: LandedChildren) -> list[int]:
    landed = worklogs.table.column("id").combine_chunks()
    return list(without(pa.array(ids, pa.int64()), landed).to_pylist())


def _visible(
    http: HttpEndpoint, site: CensusSite, missing: Sequence[int], context: IngestionContext
) -> list[int]:
    """Those that the account sees. Within named projects none is judged: the feed is site-wide."""
    if site.scope.keys is not None or not missing:
        return []
    return sorted(listed_worklogs(http, missing, context))
