"""What was hidden and is shown again has to be made up for: the feed went on past its changes
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from inlet_sdk.ports.census import CensusOrder, Finding
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.compared_state import ComparedState, Hidden
from inlet_sdk.units.census.findings import Words
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_sdk.units.debt import Debt, Owed, of_missing
from inlet_sdk.units.feed import Feed
from inlet_sdk.units.policy import ReadingPolicy

GROUPS_PER_QUERY = 100
UNKNOWN = ""
"""The group of a record that does not tell its group."""


@dataclass(frozen=True)
class Absent:
    """Landed records that are not shown and stay, by group, as a census finds them."""

    order: CensusOrder
    policy: ReadingPolicy
    counts: Mapping[str | None, int]

    @cached_property
    def before(self) -> ComparedState:
        return ComparedState.parse(self.order.state)

    def hidden(self) -> dict[str, Hidden]:
        """For the state: each group with the time before which nothing of it was missed."""
        seen_until = max(0, int(self.before.position or 0) - self.policy.windows.overlap_ms)
        unpaid = {
            group: owed.since for owed in self.before.debt.owed for group in owed.groups or ()
        }
        hidden = {}
        for key, count in self.counts.items():
            group = key or UNKNOWN
            if count:
                was = self.before.hidden.get(group)
                since = seen_until if was is None else was.since
                hidden[group] = Hidden(min(since, unpaid.get(group, seen_until)), count)
        return hidden

    def shown_again(self) -> dict[str, int]:
        """Groups that show more than last time, each with the time since when its changes may be
        missing.
        """
        now = {group: hidden.count or 0 for group, hidden in self.hidden().items()}
        return {
            group: was.since
            for group, was in self.before.hidden.items()
            if group not in now or (was.count is not None and now[group] < was.count)
        }

    def unpaid(self, context: IngestionContext) -> tuple[Owed, ...]:
        """What was owed before and is still: a run that read everything has read that, too."""
        return () if context.mode == "FULL" else self.before.debt.owed


def owed_after(
    ids: Feed[Any],
    words: Words,
    absent: Absent,
    context: IngestionContext,
    names: Mapping[str, str] = MappingProxyType({}),
) -> tuple[tuple[Owed, ...], tuple[Finding, ...]]:
    """Records that changed while their groups were hidden, and what this run says of them: the next
    one reads them. `ids` shows no more of a record than its id; `names` are what groups are called
    now, by id.
    """
    kept: list[Owed] = []
    changed = 0
    for owed in (*absent.unpaid(context), *_grouped(absent.shown_again(), names)):
        if owed.is_history:
            kept.append(owed)
        elif count := _count(ids, owed.within(absent.policy.groups), context):
            changed += count
            kept.append(owed)
    return tuple(kept), words.owed(changed)


def next_state(
    absent: Absent, lost: Sequence[int], owed: Sequence[Owed], count: int
) -> ComparedState:
    """The state after a whole comparison: `lost`, ascending, are to be read again, `count` are
    shown.
    """
    missing = of_missing(lost)
    debt = Debt(missing.ids, (*missing.owed, *owed))
    return ComparedState(absent.order.position, absent.hidden(), count, debt)


def _grouped(again: Mapping[str, int], names: Mapping[str, str]) -> Iterator[Owed]:
    """Groups that were hidden at the same time are asked for together, by what they are called."""
    for since in sorted(set(again.values())):
        groups = sorted(names.get(group, group) for group, at in again.items() if at == since)
        if UNKNOWN in groups:
            yield Owed(since)
            continue
        for start in range(0, len(groups), GROUPS_PER_QUERY):
            yield Owed(since, 0, tuple(groups[start : start + GROUPS_PER_QUERY]))


def _count(ids: Feed[Any], owed: Owed, context: IngestionContext) -> int:
    count, after = 0, owed.after

    def last_id() -> int:
        return after

    for page in ids.changed_after(owed.groups, owed.since, last_id, owed.until):
        refuse_if_late(context)
        count += len(page.records)
        after = max([after, *(record.id for record in page.records)])
    return count
