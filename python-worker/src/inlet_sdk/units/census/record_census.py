"""The census of records that stand for themselves, group by group. Where no feed tells of
deletions, it is the only way to learn that one was deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa

from inlet_sdk.ports.census import CensusOrder, CensusReport, LandedRows, Tombstone
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.compared_state import ComparedState
from inlet_sdk.units.census.findings import Words
from inlet_sdk.units.census.groups import ByGroup
from inlet_sdk.units.census.landed import LandedRecords
from inlet_sdk.units.census.listing import shown_ids, without
from inlet_sdk.units.census.reappeared import Absent, next_state, owed_after
from inlet_sdk.units.feed import Feed
from inlet_sdk.units.policy import ReadingPolicy


class ComparableSite(Protocol):
    """What a census asks a site. Each method raises CensusUnfinished when time is up."""

    @property
    def ids(self) -> Feed[Any]:
        """A feed that shows no more of a record than its id, many a page."""

    def count(self) -> int | None:
        """About how many records the site shows, at little cost; None where it does not say."""

    def visible_groups(self) -> frozenset[str]:
        """Groups, in capitals, that the account sees and whose records it may search."""

    def changes_of(self, ids: Sequence[int]) -> dict[int, int | None]:
        """id -> updated (epoch ms) of those of the records that are shown."""

    def denied(self, ids: Sequence[int]) -> set[int]:
        """Those that the site, asked for each, says are not there (or hidden). One it does not
        answer for is not among them.
        """


def shows_no_fewer(site: ComparableSite, order: CensusOrder) -> ComparedState | None:
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
    columns: tuple[str, str],
    policy: ReadingPolicy,
    order: CensusOrder,
    landed: LandedRows,
    context: IngestionContext,
) -> CensusReport:
    """Compare all ids when it is due, or when the site shows fewer records than last time.
    `columns` hold the id and the group of a landed record.
    """
    unchanged = shows_no_fewer(site, order)
    if unchanged is not None:
        return CensusReport(False, state=unchanged.dump())

    shown = shown_ids(site.ids, context)
    records = LandedRecords.read(landed, *columns, policy.groups)
    if not len(shown) and len(records.ids):
        absent = Absent(order, policy, records.by_group())
        state = next_state(absent, (), absent.before.debt.owed, count=0)
        return CensusReport(True, (words.shows_nothing(len(records.ids)),), state=state.dump())

    missing = without(shown, records.ids).to_pylist()
    lost, late = _lost(site.changes_of(missing), order, policy)
    findings = [
        words.mismatch(lost) if lost else words.compared(len(shown), len(records.ids), late)
    ]

    group_of = records.absent_from(shown)
    roster = site.visible_groups() if group_of else frozenset()
    by_group = ByGroup(records.by_group(), roster)
    invisible = by_group.invisible(group_of.values(), approved=policy.approve_deletes)
    findings += words.invisible(invisible)

    suspects = [record for record, group in group_of.items() if group not in invisible]
    gone = sorted(gone_records(site, suspects, context)) if order.deletes else []
    buried = set(gone)
    staying = Counter(group for record, group in group_of.items() if record not in buried)
    absent = Absent(order, policy, staying)
    owed, debts = owed_after(site.ids, words, absent, context)
    state = next_state(absent, lost, owed, count=len(shown))

    if order.deletes:
        findings += words.left_the_groups(len(suspects) - len(gone))
    else:
        findings += words.gone(len(suspects))
    visible = f"visible{words.group.capitalize()}"
    tombstones = tuple(
        Tombstone(
            str(record),
            {"absentFromPasses": 2, "directRead": "denied", visible: group_of[record]},
        )
        for record in gone
    )
    return CensusReport(True, tuple(findings), tombstones, state.dump(), debts)


def gone_records(
    site: ComparableSite, suspects: Sequence[int], context: IngestionContext
) -> set[int]:
    """Absent from a second complete pass as well, and denied when asked for by id."""
    if not suspects:
        return set()
    ids = pa.array(suspects, pa.int64())
    again = without(ids, shown_ids(site.ids, context)).to_pylist()
    return set(again) & site.denied(sorted(again))


def _lost(
    found: dict[int, int | None], order: CensusOrder, policy: ReadingPolicy
) -> tuple[list[int], int]:
    """Of records that are shown and have not landed: those that the reading should have found, and
    how many are too young for it.
    """
    settled = (order.position or 0) - policy.windows.overlap_ms
    lost = [record for record, at in found.items() if at is not None and at < settled]
    return lost, len(found) - len(lost)
