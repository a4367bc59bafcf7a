"""Whether records have landed as they are shown: by their time of change, asked for by another way
than they were read.

Few records are asked for one by one. Of many the site lists ids in the order of their last change
and counts those that changed before some times; what disagrees there is asked for one by one, and a
part of the rest in turn, census by census.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import pyarrow as pa

from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.units.census.columns_of_ids import Times, numbers
from inlet_sdk.units.census.direct import DirectReads
from inlet_sdk.units.census.order_of_change import out_of_order
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_sdk.units.change_cursor import MINUTE_MS, floor_minute
from inlet_sdk.units.policy import ReadingPolicy

ONE_BY_ONE = 1000
"""Records up to which a census asks for each."""
IN_TURN = 200
"""Of more records, so many are asked for by each census."""
COUNTED = 4
"""Times before which changes are counted."""
READ_AT_MOST = 5000
"""Records that are asked for one by one because something disagrees. Those beyond are read again
without being asked for.
"""


class ChangingSite(Protocol):
    """The part of a site that tells times of change. Each method raises CensusUnfinished when time
    is up.
    """

    def read(self, ids: Sequence[int]) -> DirectReads:
        """Records by id."""

    def by_change(self) -> Sequence[int] | None:
        """Ids from the oldest change to the newest, some perhaps twice; None where the site cannot
        list so.
        """

    def count(self, before_ms: int | None = None) -> int | None:
        """About how many records are shown that changed before a time; None: no answer."""


@dataclass(frozen=True)
class Settled:
    """until: changes before it (epoch ms) the reading should have seen. now: the source's time;
    what is dated a day beyond is read by each run, however young.
    """

    until: int
    now: int

    @classmethod
    def after(
        cls, position: int | None, began_ms: int, now_ms: int, policy: ReadingPolicy
    ) -> Settled:
        """After a reading that began at a time, by the source's clock or ours, and reached a
        position.
        """
        seen = max(position or 0, began_ms)
        return cls(seen - policy.windows.overlap_ms, now_ms)

    def holds(self, at: int | None) -> bool:
        return at is not None and (at < self.until or at > self.now + 1440 * MINUTE_MS)


@dataclass(frozen=True)
class Versions:
    """stale: records whose landed version is not the one that is shown. late: those among them that
    changed too lately to have landed. turn: the last id that was asked for in its turn. unasked:
    records whose time of change could not be compared. how: in which way they were, for people.
    """

    stale: frozenset[int] = frozenset()
    late: frozenset[int] = frozenset()
    turn: int = 0
    unasked: int = 0
    how: str = ""


@dataclass
class VersionCheck:
    """One comparison. `landed` are times of change (epoch ms) by id, of records that are shown.
    counts: the site counts as many records as it lists, so its counts can be compared. others:
    times of change of listed records that have not landed.
    """

    site: ChangingSite
    landed: Times
    settled: Settled
    context: IngestionContext
    counts: bool = True
    others: Mapping[int, int] = field(default_factory=dict)
    stale: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    true: dict[int, int] = field(default_factory=dict)
    unanswered: set[int] = field(default_factory=set)

    def all(self, turn: int) -> Versions:
        """`turn`: the last id that an earlier comparison asked for in its turn."""
        ids = self.landed.ids
        if len(ids) <= ONE_BY_ONE:
            self._ask(ids)
            return self._result(0, "one by one")

        some = in_turn(ids, turn, IN_TURN)
        self._ask(some)
        answered = self._by_order() and self._by_counts()
        how = f"by order and count, {len(some)} one by one"
        found = self._result(some[-1], how)
        return found if answered else replace(found, unasked=len(ids) - len(some))

    def _result(self, turn: int, how: str) -> Versions:
        return Versions(
            frozenset(self.stale), frozenset(self.late), turn, len(self.unanswered), how
        )

    def _ask(self, ids: Sequence[int]) -> None:
        wanted = [record for record in ids if record not in self.true]
        reads = self.site.read(wanted[:READ_AT_MOST])
        self.stale.update(wanted[READ_AT_MOST:])
        for record, shown in reads.found.items():
            if shown.updated is None:
                continue
            self.true[record] = shown.updated
            if shown.updated == self.landed[record]:
                continue
            # A time that went back is none that is still to be read.
            back = shown.updated < self.landed[record]
            held = back or self.settled.holds(shown.updated)
            (self.stale if held else self.late).add(record)
        self.unanswered.update(set(wanted[:READ_AT_MOST]) - set(reads.found) - reads.denied)

    def _by_order(self) -> bool:
        listed = self.site.by_change()
        if listed is None:
            return False
        self._ask(out_of_order(listed, self.landed))
        return True

    def _by_counts(self) -> bool:
        """Whether the site counts. Records of a window at whose edges counts disagree are asked
        for.
        """
        if not self.counts:
            return False
        if self.stale - set(self.true):
            return True  # they were not asked for: the next comparison, once they landed, counts

        at = numbers(pa.array(self.landed.at, pa.int64()).sort())
        edges = [floor_minute(at[len(at) * n // COUNTED]) + MINUTE_MS for n in range(COUNTED)]
        edges.append(floor_minute(self.settled.until))
        low, agreed = 0, True
        for edge in sorted({edge for edge in edges if edge <= self.settled.until}):
            refuse_if_late(self.context)
            count = self.site.count(edge)
            if count is None:
                return False
            agrees = count == bisect_left(at, edge) + self._more_before(edge)
            if not (agreed and agrees):
                self._ask(self._changed_within(low, edge))
            low, agreed = edge, agrees
        if not agreed:
            self._ask(self._changed_within(low, None))
        return True

    def _more_before(self, edge: int) -> int:
        """How many more than have landed with a time before the edge really changed before it."""
        moved = sum((at < edge) - (self.landed[i] < edge) for i, at in self.true.items())
        return moved + sum(at < edge for at in self.others.values())

    def _changed_within(self, low: int, high: int | None) -> list[int]:
        pairs = zip(self.landed.ids, self.landed.at, strict=True)
        return [i for i, at in pairs if low <= at and (high is None or at < high)]


def in_turn(ids: Sequence[int], last: int, count: int) -> list[int]:
    """The next ones after the last, from the beginning again at the end; `ids` ascend."""
    start = bisect_right(ids, last)
    later = list(ids[start : start + count])
    return later if len(later) == count else later + list(ids[: count - len(later)])
