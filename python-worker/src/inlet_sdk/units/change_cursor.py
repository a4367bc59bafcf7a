"""How far a feed ordered by change time has been read: pure, no clock, no network.

Three traps shape it. Vendors compare whole minutes, so a page edge can fall among hundreds of
records of one minute: reading starts at the minute again and skips the (id, updated) pairs it
knows. Search is late: the next run reads the last minutes again (overlap), and once an hour the
last hours (trailing pass). And a row can show a newer time than the index sorted it by, so the
place reached inside a pass is the *lowest* time of a page, never its highest.

A fourth is the clock. A record may be dated in the future, by a wrong clock or an import: it is
handed on, but takes no cursor with it, and is handed on again until its time has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
MAX_BOUNDARY = 4_000
"""Pairs a cursor carries; beyond, repeats are left to the sink's version-guarded merge."""
MAX_REMEMBERED = MAX_BOUNDARY * 3 // 2
"""Pairs a pass holds before it forgets; some room, so as not to do it every page."""

Known = dict[int, int]
"""id -> updated (epoch ms) of rows that have been handed on."""


@dataclass(frozen=True)
class Windows:
    """How far back a pass reads, in milliseconds."""

    overlap_ms: int = 5 * MINUTE_MS
    trailing_ms: int = 12 * HOUR_MS


@dataclass(frozen=True)
class ChangeCursor:
    """`position` is the latest change seen, None before any; `trailing_at` when the last trailing
    pass began, by our clock, only ever compared with itself.
    """

    position: int | None = None
    trailing_at: int = 0
    boundary: Known = field(default_factory=dict)

    @classmethod
    def parse(cls, stored: Mapping[str, Any] | None) -> ChangeCursor:
        """Of a checkpoint's cursor; None is from the beginning."""
        stored = stored or {}
        position = stored.get("position")
        return cls(
            position,
            int(stored.get("trailingAt", 0)),
            unpack(stored.get("boundary", ()), position or 0),
        )

    def dump(self) -> dict[str, Any]:
        packed = pack(self.boundary, self.position or 0)
        return {"position": self.position, "trailingAt": self.trailing_at, "boundary": packed}


@dataclass(frozen=True)
class ChangePlace:
    """Where a pass is after a batch. `position` and `trailing_at` are those of the cursor that it
    began with, `started` when it began, by our clock; `at` is the change time reached, `highest`
    the latest seen.
    """

    position: int | None
    trailing_at: int
    started: int
    at: int
    highest: int | None
    known: Known

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> ChangePlace:
        at = int(stored["at"])
        return cls(
            position=stored["position"],
            trailing_at=int(stored["trailingAt"]),
            started=int(stored["started"]),
            at=at,
            highest=stored["highest"],
            known=unpack(stored["known"], at),
        )

    def dump(self) -> dict[str, Any]:
        return {
            "position": self.position,
            "trailingAt": self.trailing_at,
            "started": self.started,
            "at": self.at,
            "highest": self.highest,
            "known": pack(self.known, self.at),
        }


class ChangePass:
    """One reading of a feed, from a cursor on. Feed it pages in order; ask it for the cursor and
    the place of each.
    """

    def __init__(
        self, before: ChangeCursor, windows: Windows, started_ms: int, owed_since: int | None = None
    ) -> None:
        """`owed_since`: reading begins there if that is earlier, for what was missed."""
        self._before = before
        self._windows = windows
        self._started = started_ms
        self._known: Known = dict(before.boundary)
        self._highest = before.position
        self._trailing = before.position is not None and started_ms - before.trailing_at >= HOUR_MS
        self._time = started_ms

        back = max(windows.overlap_ms, windows.trailing_ms if self._trailing else 0)
        # A position beyond our clock is of before cursors were bound by it.
        began = 0 if before.position is None else min(before.position, started_ms)
        self._at = max(0, began - back)
        if owed_since is not None:
            self._at = min(self._at, owed_since)

    @classmethod
    def resumed(cls, place: ChangePlace, windows: Windows) -> ChangePass:
        """Go on after the batch that `place` was asked for."""
        before = ChangeCursor(place.position, place.trailing_at)
        resumed = cls(before, windows, place.started)
        resumed._at = place.at
        resumed._highest = place.highest
        resumed._known = dict(place.known)
        return resumed

    @property
    def since(self) -> int:
        """Read on from here, inclusive."""
        return floor_minute(self._at)

    @property
    def exact_since(self) -> int:
        """The same for feeds that know milliseconds."""
        return self._at

    def time_is(self, at_ms: int) -> None:
        """The source's time, or ours where that is earlier, as the next page is looked at."""
        self._time = at_ms

    @property
    def caught_up(self) -> bool:
        """What comes next is not behind what the cursor of before covers."""
        before = self._before.position
        return before is None or self._at >= before - self._windows.overlap_ms

    def is_new(self, record_id: int, updated: int | None) -> bool:
        """Whether this version was not handed on before; remembers it, unless its time has yet to
        come.
        """
        if updated is None or updated > self._time:
            return True
        if self._known.get(record_id) == updated:
            return False
        self._known[record_id] = updated
        return True

    def page_read(self, updates: Iterable[int]) -> None:
        """A page is through, with all its change times, new or known."""
        times = list(updates)
        if times:
            self._at = max(self._at, min(times))
            come = [at for at in times if at <= self._time]
            seen = come if self._highest is None else [self._highest, *come]
            self._highest = max(seen, default=None)
        if len(self._known) > MAX_REMEMBERED:
            self._forget()

    def cursor(self, *, complete: bool) -> ChangeCursor:
        """True once everything fed so far has landed; the highest time counts only when the feed is
        read to its end.
        """
        before = self._before.position
        reached = self._highest if complete else (self._at if self._highest is not None else None)
        position = (
            before if reached is None else reached if before is None else max(before, reached)
        )
        if not complete and position is not None and self._highest is not None:
            position = min(position, self._highest)

        trailing_done = (complete or self.caught_up) and (self._trailing or before is None)
        return ChangeCursor(
            position,
            self._started if trailing_done else self._before.trailing_at,
            {} if position is None else boundary(self._known, position, self._windows),
        )

    def place(self) -> ChangePlace:
        """To go on from, in any process."""
        minute = floor_minute(self._at)
        known = fitting(self._known, minute - self._windows.trailing_ms, minute)
        if not known:
            of_minute = {k: at for k, at in self._known.items() if at < minute + MINUTE_MS}
            known = fitting(of_minute, minute)

        return ChangePlace(
            position=self._before.position,
            trailing_at=self._before.trailing_at,
            started=self._started,
            at=self._at,
            highest=self._highest,
            known=known,
        )

    def _forget(self) -> None:
        """Drop pairs that no later page and no later cursor can need, the widest window first."""
        for back in (self._windows.trailing_ms, self._windows.overlap_ms, 0):
            low = floor_minute(self._at - back)
            self._known = {k: at for k, at in self._known.items() if at >= low}
            if len(self._known) <= MAX_BOUNDARY:
                return


def floor_minute(at_ms: int) -> int:
    """The beginning of a time's minute; nothing is before 1970."""
    return max(0, at_ms - at_ms % MINUTE_MS)


def boundary(known: Known, position: int, windows: Windows) -> Known:
    """The pairs a next run would read again: over the trailing window, or the overlap, or none if
    they are too many.
    """
    back = max(windows.trailing_ms, windows.overlap_ms)
    return fitting(
        known, floor_minute(position - back), floor_minute(position - windows.overlap_ms)
    )


def fitting(known: Known, *since: int) -> Known:
    """The pairs since the first time that leaves at most MAX_BOUNDARY; none if none does."""
    for low in since:
        kept = {k: at for k, at in known.items() if at >= low}
        if len(kept) <= MAX_BOUNDARY:
            return kept
    return {}


def pack(known: Known, origin: int) -> list[int]:
    """Pairs as one flat list [id, origin - updated, …]: a third of the bytes of an object."""
    return [n for k, at in known.items() for n in (k, origin - at)]


def unpack(flat: Iterable[int], origin: int) -> Known:
    numbers = iter(flat)
    return {int(k): origin - int(back) for k, back in zip(numbers, numbers, strict=True)}
