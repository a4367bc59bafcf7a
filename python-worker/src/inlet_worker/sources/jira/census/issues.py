"""The census of issues: the only way to learn that one was deleted, since no feed tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CensusOrder, CensusReport, Finding, LandedRows, Tombstone
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.debt import Debt
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira import jql
from inlet_worker.sources.jira.census.direct_reads import chunks, denied_issues
from inlet_worker.sources.jira.census.projects import (
    ByProject,
    compared_finding,
    gone_finding,
    invisible_findings,
    mismatch_finding,
    shows_nothing,
    visible_projects,
)
from inlet_worker.sources.jira.census.reappeared import Absent, next_state, owed_after
from inlet_worker.sources.jira.census.shown_issues import fewer_shown, shown_issues
from inlet_worker.sources.jira.census.time_left import refuse_if_late
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.search import IssueSearch

IDS_PER_QUERY = 500
WHAT = "issues"


def issue_census(
    http: HttpEndpoint,
    policy: ReadingPolicy,
    order: CensusOrder,
    landed: LandedRows,
    context: IngestionContext,
) -> CensusReport:
    """Compare all ids when it is due, or when the site shows fewer issues than last time."""
    scope = ProjectScope(http, policy.groups, context)
    if not order.due:
        count = fewer_shown(http, scope, order, context)
        if not count.fewer:
            return CensusReport(False, state=count.state)
    shown = shown_issues(http, scope, context)
    issues = LandedIssues.read(landed, policy.groups)
    if not len(shown) and len(issues.ids):
        state = next_state(
            Absent(order, policy, issues.by_project()), (), Debt.parse(order.state).owed, count=0
        )
        return CensusReport(True, (shows_nothing(len(issues.ids), WHAT),), state=state)
    missing = shown.filter(pc.invert(pc.is_in(shown, issues.ids))).to_pylist()
    lost, late = _lost(http, scope, missing, order, policy, context)
    findings = [
        mismatch_finding(lost, WHAT)
        if lost
        else compared_finding(len(shown), len(issues.ids), late, WHAT)
    ]
    absent = issues.absent_from(shown)
    by_project = ByProject(issues.by_project(), visible_projects(scope) if absent else frozenset())
    invisible = by_project.invisible(absent.values(), approved=policy.approve_deletes)
    findings += invisible_findings(invisible, WHAT)
    suspects = [issue for issue, project in absent.items() if project not in invisible]
    gone = _gone(http, scope, suspects, context) if order.deletes else []
    buried = set(gone)
    staying = Absent(
        order, policy, Counter(project for issue, project in absent.items() if issue not in buried)
    )
    owed, debts = owed_after(http, staying, context)
    state = next_state(staying, lost, owed, count=len(shown))
    if not order.deletes:
        return CensusReport(
            True, (*findings, *gone_finding(len(suspects), WHAT)), state=state, debts=debts
        )
    if kept := len(suspects) - len(gone):
        findings.append(
            Finding(
                "NOT_SHOWN", f"{kept} landed issues left the projects of the unit; they are kept."
            )
        )
    return CensusReport(
        True, tuple(findings), tuple(_tombstone(i, absent[i]) for i in gone), state, debts
    )


@dataclass(frozen=True)
class LandedIssues:
    """Ids and projects of the live rows."""

    ids: pa.Array
    projects: pa.Array

    @classmethod
    def read(cls, landed: LandedRows, wanted: Sequence[str] | None) -> LandedIssues:
        """Those of the wanted projects; all for None."""
        keys = None if wanted is None else pa.array([key.upper() for key in wanted], pa.string())
        ids, projects = [pa.array([], pa.int64())], [pa.array([], pa.string())]
        for batch in landed.batches("id", "projectKey"):
            if keys is not None:
                batch = batch.filter(
                    pc.is_in(pc.utf8_upper(batch.column("projectKey").cast(pa.string())), keys)
                )
            ids.append(batch.column("id").cast(pa.int64()))
            projects.append(batch.column("projectKey").cast(pa.string()))
        return cls(pa.concat_arrays(ids), pa.concat_arrays(projects))

    def absent_from(self, shown: pa.Array) -> dict[int, str | None]:
        """id -> project of the landed issues that are not shown."""
        absent = pc.invert(pc.is_in(self.ids, shown))
        return dict(
            zip(
                self.ids.filter(absent).to_pylist(),
                self.projects.filter(absent).to_pylist(),
                strict=True,
            )
        )

    def by_project(self) -> dict[str | None, int]:
        counted = pc.value_counts(self.projects).to_pylist()
        return Counter({entry["values"]: entry["counts"] for entry in counted})


def _lost(
    http: HttpEndpoint,
    scope: ProjectScope,
    missing: Sequence[int],
    order: CensusOrder,
    policy: ReadingPolicy,
    context: IngestionContext,
) -> tuple[list[int], int]:
    """Of issues that are shown and have not landed: those that the reading should have found, and
    how many are too young for it.
    """
    found: dict[int, int | None] = {}
    for some in chunks(missing, IDS_PER_QUERY):
        refuse_if_late(context)
        search = IssueSearch(http, ["updated"], scope)
        for page in search.pages(partial(jql.issues_of, some), context):
            found.update((issue.id, issue.updated) for issue in page.records)
    settled = (order.position or 0) - policy.windows.overlap_ms
    lost = [issue for issue, updated in found.items() if updated is not None and updated < settled]
    return lost, len(found) - len(lost)


def _gone(
    http: HttpEndpoint, scope: ProjectScope, suspects: Sequence[int], context: IngestionContext
) -> list[int]:
    """Absent from a second complete pass as well, and denied when asked for by id."""
    if not suspects:
        return []
    again = set(
        pc.filter(
            pa.array(suspects, pa.int64()), _absent(suspects, shown_issues(http, scope, context))
        ).to_pylist()
    )
    return sorted(again & denied_issues(http, sorted(again), context))


def _absent(ids: Sequence[int], shown: pa.Array) -> pa.Array:
    return pc.invert(pc.is_in(pa.array(ids, pa.int64()), shown))


def _tombstone(issue: int, project: str | None) -> Tombstone:
    return Tombstone(
        str(issue), {"absentFromPasses": 2, "directRead": "denied", "visibleProject": project}
    )
