"""The census of comments. A comment that goes bumps its issue, so the reading itself tells, by its
complete lists; the census adds the comments of issues that are gone, and makes up for a run that
died before it could delete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CensusOrder, CensusReport, Finding, LandedRows, Tombstone
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.findings import Words
from inlet_sdk.units.census.groups import ByGroup
from inlet_sdk.units.census.landed import LandedChildren
from inlet_sdk.units.census.listing import shown_ids
from inlet_sdk.units.census.reappeared import Absent, next_state, owed_after
from inlet_sdk.units.census.record_census import gone_records, shows_no_fewer
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira.census.direct_reads import listed_comments
from inlet_worker.sources.jira.census.issues import WORDS as OF_ISSUES
from inlet_worker.sources.jira.census.site import CensusSite
from inlet_worker.sources.jira.comment_lists import paged_comments

WORDS = Words("comments", "project", "projects")
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
    wants_lists = order.deletes and order.listed
    tombstones = _unlisted(http, order.listed, landed, context) if wants_lists else {}
    site = CensusSite(http, policy, context)
    unchanged = shows_no_fewer(site, order)
    if unchanged is not None:
        return CensusReport(False, (), tuple(tombstones.values()), unchanged.dump())

    shown = shown_ids(site.ids, context)
    comments = _landed(landed, KEY).of_groups(KEY, _projects_of, policy.groups)
    if not len(shown) and comments.count:
        absent = Absent(order, policy, _issues_by_project(comments))
        state = next_state(absent, (), absent.before.debt.owed, count=0)
        return CensusReport(True, (WORDS.shows_nothing(comments.count),), state=state.dump())

    orphans = comments.of_absent_parents(shown)
    project_of = {issue: _project_of(key) for issue, key in orphans.by_parent(KEY).items()}
    roster = site.visible_groups() if orphans.count else frozenset()
    by_project = ByGroup(_issues_by_project(comments), roster)
    invisible = by_project.invisible(project_of.values(), approved=policy.approve_deletes)
    known = len(comments.parents()) - len(orphans.parents())
    findings = [_compared(len(shown), known), *WORDS.invisible(_rows_of(orphans, invisible))]

    suspects = [issue for issue, project in project_of.items() if project not in invisible]
    gone = gone_records(site, suspects, context) if order.deletes else set()
    staying = Counter(project for issue, project in project_of.items() if issue not in gone)
    absent = Absent(order, policy, staying)
    owed, debts = owed_after(site.ids, OF_ISSUES, absent, context)
    remembered = next_state(absent, (), owed, count=len(shown)).dump()

    if not order.deletes:
        rows = orphans.of_parents(pa.array(suspects, pa.int64())).count
        return CensusReport(True, (*findings, *WORDS.gone(rows)), state=remembered, debts=debts)
    tombstones |= _of_gone_issues(orphans, gone)
    if order.uncertain:
        tombstones |= _unlisted(http, _relisted(http, comments, shown, context), landed, context)
    return CensusReport(True, tuple(findings), tuple(tombstones.values()), remembered, debts)


def _landed(
    landed: LandedRows, *columns: str, issues: Sequence[int] | None = None
) -> LandedChildren:
    return LandedChildren.read(landed, "id", "issueId", *columns, parents=issues)


def _compared(shown: int, known: int) -> Finding:
    message = f"The source shows {shown} issues; comments of {known} of them have landed."
    return Finding("CENSUS_OK", message)


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
    rows = _landed(landed, issues=[int(issue) for issue in listed])
    suspects = [comment for comment in rows.ids() if comment not in there]

    seen = listed_comments(http, suspects, context)
    proof = {"completeListOfIssue": "lacks it", "directRead": "denied"}
    return {comment: Tombstone(str(comment), proof) for comment in suspects if comment not in seen}


def _relisted(
    http: HttpEndpoint, comments: LandedChildren, shown: pa.Array, context: IngestionContext
) -> dict[str, list[str]]:
    """Complete lists of the issues that show fewer comments than have landed."""
    of_shown = comments.of_parents(shown)
    seen = listed_comments(http, of_shown.ids(), context)
    rows = zip(of_shown.ids(), of_shown.table.column("parent").to_pylist(), strict=True)

    lists: dict[str, list[str]] = {}
    for issue in sorted({issue for comment, issue in rows if comment not in seen}):
        ids = paged_comments(issue, http, context).all_ids()
        if ids is not None:
            lists[str(issue)] = ids
    return lists


def _of_gone_issues(orphans: LandedChildren, gone: set[int]) -> dict[int, Tombstone]:
    proof = {"issue": {"absentFromPasses": 2, "directRead": "denied"}}
    of_gone = orphans.of_parents(pa.array(sorted(gone), pa.int64()))
    return {comment: Tombstone(str(comment), proof) for comment in of_gone.ids()}


def _issues_by_project(comments: LandedChildren) -> Mapping[str | None, int]:
    return Counter(_project_of(key) for key in comments.by_parent(KEY).values())


def _rows_of(orphans: LandedChildren, hidden: Iterable[str | None]) -> dict[str | None, int]:
    rows = Counter(_project_of(key) for key in orphans.table.column(KEY).to_pylist())
    return {project: rows[project] for project in hidden}


def _project_of(issue_key: str | None) -> str | None:
    """`DEMO` of `DEMO-7`."""
    return issue_key.rpartition("-")[0] or None if issue_key else None


def _projects_of(issue_keys: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(issue_keys, "-[0-9]+$", "")
