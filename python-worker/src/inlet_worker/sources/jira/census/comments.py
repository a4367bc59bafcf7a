"""The census of comments. A comment that goes bumps its issue, so the reading itself tells, by its
complete lists; the census adds the comments of issues that are gone, and makes up for a run that
died before it could delete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CensusOrder, CensusReport, Finding, LandedRows, Tombstone
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.debt import Debt
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira.census.direct_reads import denied_issues, listed_comments
from inlet_worker.sources.jira.census.parents import LandedChildren
from inlet_worker.sources.jira.census.projects import (
    ByProject,
    gone_finding,
    invisible_findings,
    project_of,
    shows_nothing,
    visible_projects,
)
from inlet_worker.sources.jira.census.reappeared import Absent, next_state, owed_after
from inlet_worker.sources.jira.census.shown_issues import fewer_shown, shown_issues
from inlet_worker.sources.jira.comment_lists import paged_comments
from inlet_worker.sources.jira.scope import ProjectScope

WHAT = "comments"
KEY = "issueKey"


def comment_census(
    http: HttpEndpoint,
    policy: ReadingPolicy,
    order: CensusOrder,
    landed: LandedRows,
    context: IngestionContext,
) -> CensusReport:
    """Complete lists of changed issues; the issues themselves when it is due or fewer are shown;
    every comment when a run before lost what it was told.
    """
    tombstones = (
        _unlisted(http, order.listed, landed, context) if order.deletes and order.listed else {}
    )
    scope = ProjectScope(http, policy.groups, context)
    if not order.due:
        count = fewer_shown(http, scope, order, context)
        if not count.fewer:
            return CensusReport(False, (), tuple(tombstones.values()), count.state)
    shown = shown_issues(http, scope, context)
    comments = LandedChildren.read(landed, KEY).of_projects(KEY, policy.groups)
    if not len(shown) and comments.count:
        hidden = Absent(order, policy, _issues_by_project(comments))
        state = next_state(hidden, (), Debt.parse(order.state).owed, count=0)
        return CensusReport(True, (shows_nothing(comments.count, WHAT),), state=state)
    orphans = comments.of_absent_issues(shown)
    known = len(comments.issues()) - len(orphans.issues())
    findings = [
        Finding(
            "CENSUS_OK",
            f"The source shows {len(shown)} issues; comments of {known} of them have landed.",
        )
    ]
    roster = visible_projects(scope) if orphans.count else frozenset()
    projects = {issue: project_of(key) for issue, key in _keys(orphans).items()}
    of_projects = ByProject(_issues_by_project(comments), roster)
    invisible = of_projects.invisible(projects.values(), approved=policy.approve_deletes)
    findings += invisible_findings(_rows_of(orphans, invisible), WHAT)
    suspects = [issue for issue, project in projects.items() if project not in invisible]
    gone = _gone_issues(http, scope, suspects, context) if order.deletes else set()
    staying = Absent(
        order, policy, Counter(project for issue, project in projects.items() if issue not in gone)
    )
    owed, debts = owed_after(http, staying, context)
    state = next_state(staying, (), owed, count=len(shown))
    if not order.deletes:
        rows = orphans.of_issues(pa.array(suspects, pa.int64())).count
        return CensusReport(True, (*findings, *gone_finding(rows, WHAT)), state=state, debts=debts)
    tombstones |= _of_gone_issues(orphans, gone)
    if order.uncertain:
        tombstones |= _unlisted(http, _relisted(http, comments, shown, context), landed, context)
    return CensusReport(True, tuple(findings), tuple(tombstones.values()), state, debts)


def _unlisted(
    http: HttpEndpoint,
    listed: Mapping[str, Sequence[str]],
    landed: LandedRows,
    context: IngestionContext,
) -> dict[int, Tombstone]:
    """Landed comments that the complete list of their issue lacks, and that are denied when asked
    for by id.
    """
    there = {int(comment) for comments in listed.values() for comment in comments}
    rows = LandedChildren.read(landed, issues=[int(issue) for issue in listed])
    suspects = [comment for comment in rows.ids() if comment not in there]
    seen = listed_comments(http, suspects, context)
    proof = {"completeListOfIssue": "lacks it", "directRead": "denied"}
    return {comment: Tombstone(str(comment), proof) for comment in suspects if comment not in seen}


def _relisted(
    http: HttpEndpoint, comments: LandedChildren, shown: pa.Array, context: IngestionContext
) -> dict[str, list[str]]:
    """Complete lists of the issues that show fewer comments than have landed."""
    of_shown = comments.of_issues(shown)
    seen = listed_comments(http, of_shown.ids(), context)
    rows = zip(of_shown.ids(), of_shown.table.column("issue").to_pylist(), strict=True)
    lists: dict[str, list[str]] = {}
    for issue in sorted({issue for comment, issue in rows if comment not in seen}):
        ids = paged_comments(issue, http, context).all_ids()
        if ids is not None:
            lists[str(issue)] = ids
    return lists


def _gone_issues(
    http: HttpEndpoint, scope: ProjectScope, suspects: Sequence[int], context: IngestionContext
) -> set[int]:
    """Absent from a second complete pass as well, and denied when asked for by id."""
    if not suspects:
        return set()
    again = set(suspects) - set(shown_issues(http, scope, context).to_pylist())
    return denied_issues(http, sorted(again), context)


def _of_gone_issues(orphans: LandedChildren, gone: set[int]) -> dict[int, Tombstone]:
    proof = {"issue": {"absentFromPasses": 2, "directRead": "denied"}}
    return {
        c: Tombstone(str(c), proof)
        for c in orphans.of_issues(pa.array(sorted(gone), pa.int64())).ids()
    }


def _keys(children: LandedChildren) -> dict[int, str | None]:
    columns = (children.table.column(name).to_pylist() for name in ("issue", KEY))
    return dict(zip(*columns, strict=True))


def _issues_by_project(children: LandedChildren) -> Mapping[str | None, int]:
    return Counter(project_of(key) for key in _keys(children).values())


def _rows_of(orphans: LandedChildren, hidden: Iterable[str | None]) -> dict[str | None, int]:
    rows = Counter(project_of(key) for key in orphans.table.column(KEY).to_pylist())
    return {project: rows[project] for project in hidden}
