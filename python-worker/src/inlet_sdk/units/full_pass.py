"""Reading every record once by id, and the cursor from which INCREMENTAL may go on afterwards:
pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from inlet_sdk.units.change_cursor import ChangeCursor, Known, Windows, boundary, pack, unpack

MOST_RECENT = 10_000
"""Ids by which a record that comes again is known: two pages of ids alone."""


class Taken(Enum):
    """How a record came: after all others, a second time, or behind one with a higher id."""

    NEXT = auto()
    BEFORE = auto()
    OUT_OF_ORDER = auto()


@dataclass(frozen=True)
class FullPlace:
    """Where a pass is after a batch: the last id, and what its cursor will be made of."""

    after: int
    started: int
    high_water: int | None
    highest: int | None
    known: Known

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> FullPlace:
        high_water = stored["highWater"]
        return cls(
            after=int(stored["after"]),
            started=int(stored["started"]),
            high_water=high_water,
            highest=stored["highest"],
            known=unpack(stored["known"], high_water or 0),
        )

    def dump(self) -> dict[str, Any]:
        return {
            "after": self.after,
            "started": self.started,
            "highWater": self.high_water,
            "highest": self.highest,
            "known": pack(self.known, self.high_water or 0),
        }


class FullPass:
    """One reading of every record. The cursor never lies beyond `high_water`, the latest change the
    site showed when the pass began, however much newer a row read later is: whatever changes later
    is INCREMENTAL's. Nor does it lie beyond the time at which a row was read.
    """

    def __init__(self, windows: Windows, started_ms: int, high_water: int | None) -> None:
        self._windows = windows
        self._started = started_ms
        self._high_water = high_water if high_water is None else min(high_water, started_ms)
        self._time = started_ms
        self._after = 0
        self._highest: int | None = None
        self._known: Known = {}
        self._recent: dict[int, None] = {}

    @classmethod
    def resumed(cls, place: FullPlace, windows: Windows) -> FullPass:
        """Go on after the batch that `place` was asked for."""
        resumed = cls(windows, place.started, place.high_water)
        resumed._after = place.after
        resumed._highest = place.highest
        resumed._known = dict(place.known)
        return resumed

    @property
    def after(self) -> int:
        """Read on from the next higher id."""
        return self._after

    def time_is(self, at_ms: int) -> None:
        """The source's time, or ours where that is earlier, as the next page is looked at."""
        self._time = at_ms

    def accept(self, record_id: int, updated: int | None) -> Taken:
        """Take the next record. One that comes again within a few pages is told from one that is
        out of order; later, it counts as out of order, and the sink has it once.
        """
        if record_id in self._recent:
            return Taken.BEFORE
        self._remember(record_id)
        is_next = record_id > self._after
        self._after = max(self._after, record_id)

        if updated is not None and self._high_water is not None and updated <= self._time:
            self._highest = updated if self._highest is None else max(self._highest, updated)
            back = max(self._windows.trailing_ms, self._windows.overlap_ms)
            if updated >= self._high_water - back:
                self._known[record_id] = updated
        return Taken.NEXT if is_next else Taken.OUT_OF_ORDER

    def cursor(self) -> ChangeCursor:
        """Where INCREMENTAL goes on once everything has landed."""
        if self._high_water is None or self._highest is None:
            return ChangeCursor(None, self._started)
        position = min(self._high_water, self._highest)
        return ChangeCursor(position, self._started, boundary(self._known, position, self._windows))

    def _remember(self, record_id: int) -> None:
        self._recent[record_id] = None
        if len(self._recent) > MOST_RECENT:
            del self._recent[next(iter(self._recent))]

    def place(self) -> FullPlace:
        """To go on from, in any process. What neither it nor the cursor needs is forgotten."""
        high = self._high_water
        self._known = {} if high is None else boundary(self._known, high, self._windows)
        return FullPlace(self._after, self._started, high, self._highest, dict(self._known))
