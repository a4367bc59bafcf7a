"""The census of comments. A comment that goes bumps its issue, so the reading itself tells, by its
complete lists. The census compares the comments of issues that are asked for by id, adds those of
issues that are gone, and makes up for a run that died before it could delete.

A small site is compared issue by issue. Of a big one the issues that appeared since the last
comparison are, and some others in turn; it says what share it left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CensusOrder, CensusReport, Finding, LandedRows, Tombstone
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.absent_records import ASKED_AT_MOST, reads_of_absent
from inlet_sdk.units.census.apart import ids_apart
from inlet_sdk.units.census.compared_state import ComparedState
from inlet_sdk.units.census.findings import Words
from inlet_sdk.units.census.groups import ByGroup
from inlet_sdk.units.census.landed import LandedChildren
from inlet_sdk.units.census.left_out import LeftOut, left_out
from inlet_sdk.units.census.listing import shown_ids
from inlet_sdk.units.census.reappeared import Absent, next_state, owed_after
from inlet_sdk.units.census.record_census import shows_no_fewer
from inlet_sdk.units.census.shown_before import ShownRanges
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_sdk.units.census.versions import IN_TURN, ONE_BY_ONE, Settled, in_turn
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira.census.comment_versions import CommentCheck
from inlet_worker.sources.jira.census.issues import WORDS as OF_ISSUES
from inlet_worker.sources.jira.census.site import CensusSite
from inlet_worker.sources.jira.comment_lists import paged_comments
from inlet_worker.sources.jira.direct_reads import listed_comments

WORDS = Words("comments", "project", "projects")
KEY, PROJECT, GROUP, CHANGED = "issueKey", "projectId", "group", "updated"


def comment_census(
    http: HttpEndpoint,
    policy: ReadingPolicy,
    order: CensusOrder,
    landed: LandedRows,
    context: IngestionContext,
) -> CensusReport:
    """Complete lists of changed issues; the issues and their comments when it is due or fewer are
    shown; every comment when a run before lost what it was told.
    """
    wants_lists = order.deletes and order.listed
    tombstones = _unlisted(http, order.listed, landed, context) if wants_lists else {}
    site = CensusSite(http, policy, context)
    unchanged = shows_no_fewer(site, order)
    if unchanged is not None:
        return CensusReport(False, (), tuple(tombstones.values()), unchanged.dump())

    count = site.count()
    shown = shown_ids(site.ids, context)
    comments = _by_project(landed, site.wanted())
    if not len(shown) and comments.count:
        absent = Absent(order, policy, _issues_by_project(comments))
        state = next_state(absent, (), absent.before.debt.owed, count=0)
        return CensusReport(True, (WORDS.shows_nothing(comments.count),), state=state.dump())

    comparison = CommentComparison(http, site, policy, order, landed, context, shown, comments)
    return comparison.report(count, tombstones)


@dataclass
class CommentComparison:
    """One comparison. `shown` are ascending ids of issues, `comments` have landed."""

    http: HttpEndpoint
    site: CensusSite
    policy: ReadingPolicy
    order: CensusOrder
    landed: LandedRows
    context: IngestionContext
    shown: pa.Array
    comments: LandedChildren
    before: ComparedState = field(init=False)

    def __post_init__(self) -> None:
        self.before = ComparedState.parse(self.order.state)

    def report(self, count: int | None, tombstones: dict[int, Tombstone]) -> CensusReport:
        aside = self._left_out(count)
        unlisted = self._unlisted_issues(aside)
        check, turn, unasked = self._checked(unlisted)
        orphans = self._orphans()
        renamed = self._renamed()
        moved = check.rekeyed - set(renamed)

        absent = Absent(self.order, self.policy, orphans.staying)
        owed, debts = owed_after(self.site.ids, OF_ISSUES, absent, self.context, self.site.names())
        lost = sorted({*check.lost, *moved, *unlisted})
        state = replace(
            next_state(
                absent, sorted({*lost, *renamed, *check.beyond}), owed, count=len(self.shown)
            ),
            ranges=ShownRanges.of(self.issues),
            turn=turn,
            probed=aside.probed,
        )

        if self.order.deletes:
            tombstones |= _of_gone_issues(orphans.comments, orphans.gone)
            lists = {**check.lists, **self._relisted()}
            tombstones |= _unlisted(self.http, lists, self.landed, self.context)
        gone = 0 if self.order.deletes else orphans.gone_rows + self._gone_from(check.lists)
        findings = (
            *_mismatch(lost),
            *OF_ISSUES.contradicted(aside, len(self.shown), sorted(orphans.left_out)),
            *WORDS.invisible(orphans.hidden),
            *WORDS.gone(gone),
            *WORDS.left_the_groups(orphans.elsewhere),
            *OF_ISSUES.uncompared(unasked, len(self.shown), "The comments"),
            *WORDS.uncompared(orphans.unasked, self.comments.count),
            *WORDS.apart(len(check.met)),
        )
        debts = (*OF_ISSUES.renamed(len(renamed)), *debts)
        ok = self._agrees(findings, debts, len(check.late))
        buried = tuple(tombstones.values())
        return CensusReport(True, (*ok, *findings), buried, state.dump(), debts)

    @cached_property
    def issues(self) -> list[int]:
        found: list[int] = self.shown.to_pylist()
        return found

    def _agrees(
        self, findings: Sequence[Finding], debts: Sequence[Finding], late: int
    ) -> tuple[Finding, ...]:
        if debts or any(f.code not in ("CENSUS_GONE", "NOT_SHOWN") for f in findings):
            return ()
        changing = f"; {late} of them changed too lately to be compared" if late else ""
        message = (
            f"The source shows {len(self.shown)} issues, and their comments were compared one by "
            f"one{changing}; {self.comments.count} comments have landed."
        )
        return (Finding("CENSUS_OK", message),)

    def _left_out(self, count: int | None) -> LeftOut:
        if count is not None and count > len(self.issues):
            count = min(count, self.site.count() or 0)  # one was created or deleted meanwhile
        known = sorted({*self.issues, *self.comments.parents()})
        return left_out(self.site, self.issues, known, count, self.before.probed)

    def _unlisted_issues(self, aside: LeftOut) -> list[int]:
        """Issues of the unit that no list shows."""
        wanted = self.site.wanted()
        found = aside.found.found.items()
        return [issue for issue, shown in found if wanted is None or shown.group in wanted]

    def _checked(self, unlisted: Sequence[int]) -> tuple[CommentCheck, int, int]:
        """The comparison by issue, the last issue that was compared in its turn, and how many
        issues were not compared.
        """
        began, now = self.site.began_ms(), self.site.time_ms()
        settled = Settled.after(self.order.position, began, now, self.policy)
        of_issue = self.comments.times_by_parent(CHANGED)
        apart = ids_apart(self.order)
        keys = self.comments.without_ids(_numbers(apart)).values_by_parent(KEY)
        check = CommentCheck(self.http, of_issue, keys, settled, self.context, apart)
        if len(self.issues) <= ONE_BY_ONE:
            check.ask(self.issues)
            return check, 0, check.unasked

        some = in_turn(self.issues, self.before.turn, IN_TURN)
        appeared = self._appeared()
        check.ask(sorted({*some, *appeared[:ASKED_AT_MOST]}))
        check.beyond = {*appeared[ASKED_AT_MOST:]} - {*some}
        compared = len({*some, *appeared} - check.beyond) - check.unasked
        return check, some[-1], len(self.issues) - compared

    def _appeared(self) -> list[int]:
        """Issues in whose neighbourhood others are shown than the last time."""
        if self.before.ranges is None:
            return []
        return ShownRanges.of(self.issues).changed_since(self.before.ranges, self.issues)

    def _orphans(self) -> Orphans:
        """Landed comments of issues that are not shown."""
        orphans = self.comments.of_absent_parents(self.shown)
        if not orphans.count:
            return Orphans(orphans)

        project_of = orphans.by_parent(GROUP)
        names = self.site.names()
        roster = frozenset(name.upper() for pair in names.items() for name in pair)
        by_project = ByGroup(_issues_by_project(self.comments), roster)
        invisible = by_project.invisible(project_of.values(), approved=self.policy.approve_deletes)
        suspects = [issue for issue, project in project_of.items() if project not in invisible]
        reads = reads_of_absent(self.site, suspects, self.order, self.context)
        gone = set(reads.denied)

        wanted = self.site.wanted()
        still = {i for i, s in reads.found.items() if wanted is None or s.group in wanted}
        buried = gone if self.order.deletes else set()
        return Orphans(
            orphans,
            hidden=_rows_of(orphans, invisible),
            staying=Counter(p for issue, p in project_of.items() if issue not in buried),
            gone=gone,
            left_out=still,
            elsewhere=orphans.of_parents(_numbers(set(reads.found) - still)).count,
            unasked=len(suspects) - len(reads.found) - len(gone),
        )

    def _renamed(self) -> list[int]:
        """Issues whose comments have the key that their project had before."""
        names = self.site.names()
        if not names:
            return []
        table = self.comments.of_parents(self.shown).table
        rows = zip(
            *(table.column(name).to_pylist() for name in ("id", "parent", PROJECT, KEY)),
            strict=True,
        )
        keys, apart = set(names.values()), ids_apart(self.order)
        return sorted(
            {
                issue
                for comment, issue, project, key in rows
                if key
                and comment not in apart
                and not _is_called(project, _project_of(key), names, keys)
            }
        )

    def _relisted(self) -> dict[str, list[str]]:
        """Complete lists of the issues that show fewer comments than have landed: of those that a
        full reading missed, and of all where a run before lost what it was told.
        """
        of_shown = self.comments.of_parents(self.shown)
        if not self.order.uncertain:
            if self.order.absent is None:
                return {}
            of_shown = of_shown.of_ids(self.order.absent.keys.cast(pa.int64()))
        seen = listed_comments(self.http, of_shown.ids(), self.context)
        rows = zip(of_shown.ids(), of_shown.table.column("parent").to_pylist(), strict=True)

        lists: dict[str, list[str]] = {}
        for issue in sorted({issue for comment, issue in rows if comment not in seen}):
            refuse_if_late(self.context)
            ids = paged_comments(issue, self.http, self.context).all_ids()
            if ids is not None:
                lists[str(issue)] = ids
        return lists

    def _gone_from(self, lists: Mapping[str, Sequence[str]]) -> int:
        return len(_unlisted(self.http, lists, self.landed, self.context)) if lists else 0


@dataclass(frozen=True)
class Orphans:
    """comments: on issues that are not shown. hidden: rows of hidden projects. staying: issues that
    stay, by project. gone: issues that are denied. left_out: issues that lists leave out.
    elsewhere: rows of issues that left the projects. unasked: issues of which nothing is known.
    """

    comments: LandedChildren
    hidden: Mapping[str | None, int] = field(default_factory=dict)
    staying: Mapping[str | None, int] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    left_out: set[int] = field(default_factory=set)
    elsewhere: int = 0
    unasked: int = 0

    @property
    def gone_rows(self) -> int:
        return self.comments.of_parents(_numbers(self.gone)).count


def _landed(
    landed: LandedRows, *columns: str, issues: Sequence[int] | None = None
) -> LandedChildren:
    return LandedChildren.read(landed, "id", "issueId", *columns, parents=issues)


def _by_project(landed: LandedRows, wanted: Collection[str] | None) -> LandedChildren:
    """With the project of each: by its id, or by its key where the id has not landed."""
    comments = _landed(landed, KEY, PROJECT, CHANGED)
    keys = pc.replace_substring_regex(comments.table.column(KEY), "-[0-9]+$", "")
    groups = pc.coalesce(comments.table.column(PROJECT), keys)
    known = comments.with_column(GROUP, groups).with_column("capitals", pc.utf8_upper(keys))
    if wanted is None:
        return known
    by_key = pc.is_in(known.table.column("capitals"), pa.array(sorted(wanted), pa.string()))
    by_id = pc.is_in(groups, pa.array(sorted(wanted), pa.string()))
    return LandedChildren(known.table.filter(pc.or_(by_key, by_id)))


def _mismatch(issues: Sequence[int]) -> tuple[Finding, ...]:
    if not issues:
        return ()
    first = ", ".join(map(str, issues[:5]))
    message = (
        f"{len(issues)} issues show comments that have not landed, or landed in another version "
        f"(ids {first}). The next run reads them; reset the unit if this is said again."
    )
    return (Finding("CENSUS_MISMATCH", message, "suspicious"),)


def _unlisted(
    http: HttpEndpoint,
    listed: Mapping[str, Sequence[str]],
    landed: LandedRows,
    context: IngestionContext,
) -> dict[int, Tombstone]:
    """Landed comments that the complete list of their issue lacks, and that are denied when asked
    for by id.
    """
    if not listed:
        return {}
    there = {int(comment) for comments in listed.values() for comment in comments}
    rows = _landed(landed, issues=[int(issue) for issue in listed])
    suspects = [comment for comment in rows.ids() if comment not in there]

    seen = listed_comments(http, suspects, context)
    proof = {"completeListOfIssue": "lacks it", "directRead": "denied"}
    return {comment: Tombstone(str(comment), proof) for comment in suspects if comment not in seen}


def _of_gone_issues(orphans: LandedChildren, gone: Collection[int]) -> dict[int, Tombstone]:
    proof = {"issue": {"absentFromPasses": 2, "directRead": "denied"}}
    of_gone = orphans.of_parents(_numbers(gone))
    return {comment: Tombstone(str(comment), proof) for comment in of_gone.ids()}


def _issues_by_project(comments: LandedChildren) -> Mapping[str | None, int]:
    return Counter(comments.by_parent(GROUP).values())


def _rows_of(orphans: LandedChildren, hidden: Iterable[str | None]) -> dict[str | None, int]:
    """Rows of hidden projects, by what the projects were called."""
    columns = (orphans.table.column(name).to_pylist() for name in (GROUP, KEY))
    wanted = set(hidden)
    return Counter(
        _project_of(key) or group for group, key in zip(*columns, strict=True) if group in wanted
    )


def _is_called(
    project: str | None, key: str | None, names: Mapping[str, str], keys: Collection[str]
) -> bool:
    """Whether the project that landed is called so now. One that is hidden keeps its name."""
    if project is not None:
        return names.get(project, key) == key
    return key in keys


def _project_of(issue_key: str | None) -> str | None:
    """`DEMO` of `DEMO-7`."""
    return issue_key.rpartition("-")[0] or None if issue_key else None


def _numbers(ids: Collection[int]) -> pa.Array:
    return pa.array(sorted(ids), pa.int64())
