"""What readings have still to make up for: records that a census found missing, and changes that
were made while their group was hidden. It stays in the checkpoint (`cursor.census.source`) until a
reading has landed it, so no limit, no kill and no pause forgets any of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inlet_sdk.ports.census import CENSUS_NEEDED
from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_sdk.units.feed import Feed, FeedPage, R

IDS_PER_QUERY = 500
FROM_THE_BEGINNING = -1
"""Before every change: the whole history of groups that a unit has newly taken in."""
REREAD_AT_ONCE = 5000
"""Ids that a checkpoint carries one by one."""
MAX_RANGES = 500
"""Ranges that it carries beside them."""
MORE_MISSING = SourceWarning(
    CENSUS_NEEDED,
    "More records were found missing than one run reads again, so what has landed is compared "
    "once more.",
)


@dataclass(frozen=True)
class Owed:
    """Records of `groups` (None: all of the unit's) that changed since `since` (epoch ms), with ids
    above `after` and up to `until` (None: without end).
    """

    since: int
    after: int = 0
    groups: tuple[str, ...] | None = None
    until: int | None = None

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> Owed:
        groups = stored.get("keys")
        return cls(
            int(stored["since"]),
            int(stored.get("after", 0)),
            None if groups is None else tuple(groups),
            stored.get("until"),
        )

    def dump(self) -> dict[str, Any]:
        bound = {} if self.until is None else {"until": self.until}
        return {
            "since": self.since,
            "after": self.after,
            "keys": None if self.groups is None else list(self.groups),
            **bound,
        }

    @property
    def is_history(self) -> bool:
        """Only a reading pays for it: a census can tell nothing of groups that never landed."""
        return self.since <= FROM_THE_BEGINNING

    def within(self, allowed: Sequence[str] | None) -> Owed:
        """The same within the unit's groups, which may be fewer than they were."""
        if allowed is None:
            return self
        if self.groups is None:
            return replace(self, groups=tuple(allowed))

        wanted = {group.upper() for group in allowed}
        return replace(self, groups=tuple(g for g in self.groups if g.upper() in wanted))


@dataclass(frozen=True)
class Debt:
    """ids: to be read again, whatever their age. unnamed: how many more a census of a release
    before found than `ids` holds; another one has to find them again. kept: of `owed`, what this
    run could not read, since the groups are hidden once more; it stays owed.
    """

    ids: tuple[int, ...] = ()
    owed: tuple[Owed, ...] = ()
    kept: tuple[Owed, ...] = ()
    unnamed: int = 0

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> Debt:
        """Of a census's state, or of a continuation."""
        return cls(
            ids=tuple(int(i) for i in stored.get("reread") or ()),
            owed=tuple(map(Owed.parse, stored.get("owed") or ())),
            kept=tuple(map(Owed.parse, stored.get("kept") or ())),
            unnamed=int(stored.get("unnamed") or 0),
        )

    def dump(self) -> dict[str, Any]:
        """For a census's state: the next run tries again what this one kept."""
        owed = [owed.dump() for owed in (*self.owed, *self.kept)]
        return {"reread": list(self.ids), "unnamed": self.unnamed, "owed": owed}

    def dump_in_reading(self) -> dict[str, Any]:
        """For a continuation."""
        owed, kept = ([owed.dump() for owed in part] for part in (self.owed, self.kept))
        return {"reread": list(self.ids), "unnamed": self.unnamed, "owed": owed, "kept": kept}

    @property
    def is_paid(self) -> bool:
        return self == Debt()


class Unread:
    """Records that a reading was shown and could not read whole: it goes past them, so they are
    owed. A slice that goes on finds those of the slices before in its continuation.
    """

    def __init__(self, continuation: Mapping[str, Any] | None) -> None:
        self._ids = {int(i) for i in (continuation or {}).get("unread") or ()}

    def add(self, record_id: int) -> None:
        self._ids.add(record_id)

    def read(self, record_id: int) -> None:
        """It could be read after all."""
        self._ids.discard(record_id)

    def resume(self, place: Mapping[str, Any]) -> dict[str, Any]:
        """The place to go on from, with what is unread."""
        return {**place, "unread": sorted(self._ids)} if self._ids else dict(place)

    def cursor(self, reached: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The cursor with what is unread, which the next reading begins with."""
        if reached is None or not self._ids:
            return None if reached is None else dict(reached)
        source = (reached.get("census") or {}).get("source") or {}
        ids = sorted({*self._ids, *source.get("reread", ())})
        return {**reached, "census": {"source": {**source, "reread": ids}}}


def of_missing(ids: Sequence[int]) -> Debt:
    """To read these records again, ascending ids: the first one by one, those that a checkpoint has
    no room for as ranges. A range may hold more than is owed, and never less.
    """
    rest = ids[REREAD_AT_ONCE:]
    if not rest:
        return Debt(tuple(ids))

    gaps = sorted(range(1, len(rest)), key=lambda n: rest[n] - rest[n - 1], reverse=True)
    starts = sorted([0, *gaps[: MAX_RANGES - 1]])
    ends = [*(start - 1 for start in starts[1:]), len(rest) - 1]
    ranges = [
        Owed(0, rest[start] - 1, None, rest[end]) for start, end in zip(starts, ends, strict=True)
    ]
    return Debt(tuple(ids[:REREAD_AT_ONCE]), tuple(_joined(ranges)))


def _joined(ranges: Sequence[Owed]) -> Iterator[Owed]:
    """Ranges that touch are one."""
    first, *others = ranges
    for other in others:
        if first.until == other.after:
            first = replace(first, until=other.until)
            continue
        yield first
        first = other
    yield first


def owed_pages(
    feed: Feed[R], debt: Debt, allowed: Sequence[str] | None
) -> Iterator[tuple[FeedPage[R], Debt]]:
    """Pages of the records that are owed, each with what is left once it has landed."""
    while debt.ids:
        some, rest = debt.ids[:IDS_PER_QUERY], debt.ids[IDS_PER_QUERY:]
        for page in feed.of_ids(some):
            if page.is_last:
                debt = replace(debt, ids=rest)
            yield page, debt

    if debt.unnamed:
        debt = replace(debt, unnamed=0)
        yield FeedPage((), (), [MORE_MISSING], True), debt

    while debt.owed:
        first, *others = debt.owed
        for page, left, hidden in _pages_of(feed, first.within(allowed)):
            kept = (*debt.kept, *hidden)
            debt = replace(debt, owed=(left, *others) if left else tuple(others), kept=kept)
            yield page, debt


def _pages_of(feed: Feed[R], asked: Owed) -> Iterator[tuple[FeedPage[R], Owed | None, list[Owed]]]:
    """Each page with what is left after it, None after the last; and what hides from here on."""
    left = asked

    def last_id() -> int:
        return left.after

    for page in feed.changed_after(asked.groups, asked.since, last_id, asked.until):
        hidden = _hidden(left, page.groups)
        still = hidden is None or left.groups is None
        after = max([left.after, *(record.id for record in page.records)])
        left = replace(left, after=after, groups=left.groups if still else tuple(page.groups or ()))

        done = page.is_last
        kept = (
            [hidden] if hidden and left.groups is not None else [asked] if hidden and done else []
        )
        yield page, None if done else left, kept


def _hidden(left: Owed, visible: Sequence[str] | None) -> Owed | None:
    """What of it the site leaves out by now; all of it where no group was named and some are
    refused.
    """
    if left.groups is None:
        return left if visible is not None else None
    gone = tuple(group for group in left.groups if group not in (visible or ()))
    return replace(left, groups=gone) if gone else None
