"""The census of records that stand for themselves, group by group. Where no feed tells of
deletions, it is the only way to learn that one was deleted.

It compares ids by lists and versions by direct reads, and says OK only when both agree with what
has landed and the site does not contradict itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import pyarrow as pa

from inlet_sdk.ports.census import CensusOrder, CensusReport, Finding, LandedRows, Tombstone
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.absent_records import ASKED_AT_MOST, reads_of_absent
from inlet_sdk.units.census.apart import ids_apart
from inlet_sdk.units.census.columns_of_ids import not_among, numbers, with_all
from inlet_sdk.units.census.compared_state import ComparedState
from inlet_sdk.units.census.findings import Words
from inlet_sdk.units.census.groups import ByGroup
from inlet_sdk.units.census.landed import LandedRecords, RecordColumns
from inlet_sdk.units.census.left_out import CountingSite, LeftOut, left_out
from inlet_sdk.units.census.listing import shown_ids
from inlet_sdk.units.census.reappeared import Absent, next_state, owed_after
from inlet_sdk.units.census.versions import ChangingSite, Settled, VersionCheck, Versions
from inlet_sdk.units.feed import Feed
from inlet_sdk.units.policy import ReadingPolicy


class ComparableSite(ChangingSite, CountingSite, Protocol):
    """What a census asks a site. Each method raises CensusUnfinished when time is up."""

    @property
    def ids(self) -> Feed[Any]:
        """A feed that shows no more of a record than its id, many a page."""

    def time_ms(self) -> int:
        """The source's time, or ours where that is earlier."""

    def began_ms(self) -> int:
        """The same of when the run began."""

    def names(self) -> Mapping[str, str]:
        """What the groups are called that the account sees and whose records it may search, by
        their immutable ids.
        """

    def wanted(self) -> Collection[str] | None:
        """The groups of the unit, by id and by name in capitals; None for all."""


def shows_no_fewer(site: ChangingSite, order: CensusOrder) -> ComparedState | None:
    """The state to keep, where one request shows no reason to compare. It notices most deletions
    between two censuses. None: compare.
    """
    if order.due:
        return None
    before, count = ComparedState.parse(order.state), site.count()
    return None if before.shows_fewer(count) else before.counted(count)


def record_census(
    site: ComparableSite,
    words: Words,
    columns: RecordColumns,
    policy: ReadingPolicy,
    order: CensusOrder,
    landed: LandedRows,
    context: IngestionContext,
) -> CensusReport:
    """Compare all records when it is due, or when the site shows fewer than last time."""
    unchanged = shows_no_fewer(site, order)
    if unchanged is not None:
        return CensusReport(False, state=unchanged.dump())

    count = site.count()
    shown = shown_ids(site.ids, context)
    records = LandedRecords.read(landed, columns, site.wanted())
    if not len(shown) and len(records.ids):
        absent = Absent(order, policy, records.by_group())
        state = next_state(absent, (), absent.before.debt.owed, count=0)
        return CensusReport(True, (words.shows_nothing(len(records.ids)),), state=state.dump())

    return Comparison(site, words, policy, order, context, shown, records).report(count)


@dataclass
class Comparison:
    """One comparison of what is shown (ascending ids) with what has landed."""

    site: ComparableSite
    words: Words
    policy: ReadingPolicy
    order: CensusOrder
    context: IngestionContext
    shown: pa.Array
    records: LandedRecords
    before: ComparedState = field(init=False)

    def __post_init__(self) -> None:
        self.before = ComparedState.parse(self.order.state)

    def report(self, count: int | None) -> CensusReport:
        aside = self._left_out(count)
        missing = self._missing(aside)
        versions = self._versions(missing, counts=not aside.excess)
        absence = self._absence()
        renamed = set(self.records.named_otherwise(self.site.names())) - self.apart

        absent = Absent(self.order, self.policy, absence.staying)
        owed, debts = owed_after(self.site.ids, self.words, absent, self.context, self.site.names())
        unlike = {*versions.stale, *absence.stale}
        stale = sorted(unlike - self.apart)
        lost = sorted({*missing.lost, *stale})
        state = replace(
            next_state(absent, sorted({*lost, *renamed}), owed, count=len(self.shown)),
            late=tuple(sorted(missing.late)[:ASKED_AT_MOST]),
            turn=versions.turn,
            probed=aside.probed,
        )

        findings = (
            *self.words.mismatch(missing.lost, stale),
            *self.words.contradicted(aside, len(self.shown), sorted(absence.left_out)),
            *absence.findings,
            *self.words.uncompared(versions.unasked + absence.unasked, len(self.records.ids)),
            *self.words.apart(len(missing.apart) + len(unlike & self.apart)),
        )
        debts = (*self.words.renamed(len(renamed)), *debts)
        late = len(missing.late) + len(versions.late)
        ok = self._agrees(findings, debts, late, versions.how)
        return CensusReport(True, (*ok, *findings), absence.tombstones, state.dump(), debts)

    def _agrees(
        self, findings: Sequence[Finding], debts: Sequence[Finding], late: int, how: str
    ) -> tuple[Finding, ...]:
        if debts or any(f.code != "CENSUS_GONE" and f.code != "NOT_SHOWN" for f in findings):
            return ()
        shown, landed = len(self.shown), len(self.records.ids)
        return (self.words.compared(shown, landed, late, how=how),)

    def _left_out(self, count: int | None) -> LeftOut:
        listed = numbers(self.shown)
        if count is not None and count > len(listed):
            count = min(count, self.site.count() or 0)  # one was created or deleted meanwhile
        known = numbers(with_all(self.shown, self.records.ids))
        return left_out(self.site, listed, known, count, self.before.probed)

    @cached_property
    def apart(self) -> frozenset[int]:
        return ids_apart(self.order)

    def _versions(self, missing: Missing, *, counts: bool) -> Versions:
        both = self.records.times(of=self.shown)
        if not both:
            return Versions()
        tells = counts and missing.all_timed
        check = VersionCheck(self.site, both, self._settled, self.context, tells, missing.times)
        return check.all(self.before.turn)

    @property
    def _settled(self) -> Settled:
        began, now = self.site.began_ms(), self.site.time_ms()
        return Settled.after(self.order.position, began, now, self.policy)

    def _missing(self, aside: LeftOut) -> Missing:
        """Records that are shown, by a list or only by themselves, and have not landed. One that is
        young has not been missed yet, unless the comparison before found it missing, too.
        """
        wanted = self.site.wanted()
        unlisted = {
            record: shown
            for record, shown in aside.found.found.items()
            if wanted is None or shown.group in wanted
        }
        missing = not_among(self.shown, self.records.ids).to_pylist()
        reads = self.site.read(missing[:ASKED_AT_MOST])
        found = {**reads.found, **unlisted}
        again = set(self.before.late)
        late = {
            record
            for record, shown in found.items()
            if not self._settled.holds(shown.updated) and record not in again
        }
        gone = reads.denied - set(reads.found)
        there = {*missing, *unlisted} - late - gone
        times = {r: s.updated for r, s in reads.found.items() if s.updated is not None}
        timed = len(times) == len(set(missing) - gone)
        return Missing(sorted(there - self.apart), late, there & self.apart, times, timed)

    def _absence(self) -> Absence:
        """What has landed and no list shows."""
        group_of = self.records.absent_from(self.shown)
        if not group_of:
            return Absence()

        names = self.site.names()
        roster = frozenset(n.upper() for pair in names.items() for n in pair)
        by_group = ByGroup(self.records.by_group(), roster)
        invisible = by_group.invisible(group_of.values(), approved=self.policy.approve_deletes)
        called = self.records.name_of()
        hidden = {called.get(group) or group: count for group, count in invisible.items()}
        suspects = [record for record, group in group_of.items() if group not in invisible]
        reads = reads_of_absent(self.site, suspects, self.order, self.context)
        gone = sorted(reads.denied) if self.order.deletes else []

        wanted = self.site.wanted()
        still = {r: s for r, s in reads.found.items() if wanted is None or s.group in wanted}
        landed = self.records.times()
        known = len(reads.found) + len(reads.denied)
        buried = set(gone)
        return Absence(
            staying=Counter(group for record, group in group_of.items() if record not in buried),
            left_out=frozenset(still),
            stale=frozenset(r for r, s in still.items() if s.updated != landed.get(r)),
            unasked=len(suspects) - known,
            tombstones=tuple(self._tombstone(r, called.get(group_of[r])) for r in gone),
            findings=(
                *self.words.invisible(hidden),
                *self.words.gone(0 if self.order.deletes else len(reads.denied)),
                *self.words.left_the_groups(len(reads.found) - len(still)),
            ),
        )

    def _tombstone(self, record: int, name: str | None) -> Tombstone:
        visible = f"visible{self.words.group.capitalize()}"
        proof = {"absentFromPasses": 2, "directRead": "denied", visible: name}
        return Tombstone(str(record), proof)


@dataclass(frozen=True)
class Missing:
    """Records that are shown and have not landed: those that the reading should have landed,
    younger ones, and those that it rightly has not. times: of change, of the listed ones;
    all_timed: each of them tells.
    """

    lost: Sequence[int]
    late: set[int]
    apart: set[int]
    times: Mapping[int, int]
    all_timed: bool


@dataclass(frozen=True)
class Absence:
    """staying: landed records that are not shown and stay, by group. left_out: those that exist and
    that lists leave out; stale: those of them that landed in another version. unasked: those of
    which nothing is known.
    """

    staying: Mapping[str | None, int] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()
    stale: frozenset[int] = frozenset()
    unasked: int = 0
    tombstones: tuple[Tombstone, ...] = ()
    findings: tuple[Finding, ...] = ()
