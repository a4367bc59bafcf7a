"""The two orders in which issues are read. Each can be taken up where reading is, and cut into
windows that are read without each other.

A window is an interval of ids, or of minutes. The windows of a reading leave no gap between them,
so what falls into one is read with it, whether the ids that the cuts were made from named it or
not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from inlet_sdk.units.change_cursor import MINUTE_MS, floor_minute
from inlet_worker.sources.jira import jql

Keys = Sequence[str] | None
"""Of the projects to ask for; None for all that the account sees."""
SPARSE_MINUTES = 30
"""That a page of changes lasts at least, so that a cut at a whole minute leaves pages full."""
PAGES_OF_DENSE = 4
"""Pages in a window where a minute has many changes: only the last of them is not full."""
ROOM_PERCENT = 96
"""Of a page that a window of changes is made for: those of the minute of its cut may come along."""


class Place(Protocol):
    """What the windows of an order lie between. `at` is the place in the order."""

    @property
    def id(self) -> int: ...

    @property
    def updated(self) -> int | None: ...


@dataclass(frozen=True)
class Window:
    """From `low` up to `high`, by what the order counts in. `named` are ids that were listed in it:
    one that does not come contradicts the list.
    """

    low: int
    high: int
    named: frozenset[int]


class IssueOrder(Protocol):
    def begin(self) -> int:
        """Where reading is."""

    def query(self, keys: Keys) -> str:
        """All that is unread."""

    def between(self, low: int, high: int | None, keys: Keys) -> str:
        """What is in a window, or all from `low` on."""

    def sampled(self, ids: Sequence[int], size: int) -> list[int]:
        """Those of the listed ids whose times of change the cuts need."""

    def windows(
        self, low: int, ids: Sequence[int], size: int, times: Mapping[int, int]
    ) -> list[Window]:
        """From `low` on, each of about a page of `size`, or of a few. What is behind the last one
        is unread. None are made of a list that contradicts its order.
        """

    def is_beyond(self, window: Window, issues: Sequence[Place]) -> bool:
        """Whether a page of a window shows that the site did not ask for it."""


@dataclass(frozen=True)
class ById:
    """Every issue with a higher id than `after`, also those alone that changed since a time; up to
    the id `until`.
    """

    after: Callable[[], int]
    changed_since: int | None = None
    until: int | None = None

    def begin(self) -> int:
        return self.after()

    def query(self, keys: Keys) -> str:
        return self.between(self.after(), self.until, keys)

    def between(self, low: int, high: int | None, keys: Keys) -> str:
        last = self.until if high is None else high
        return jql.issues_by_id(low, last, self.changed_since, keys)

    def sampled(self, ids: Sequence[int], size: int) -> list[int]:
        return []

    def windows(
        self, low: int, ids: Sequence[int], size: int, times: Mapping[int, int]
    ) -> list[Window]:
        if any(left >= right for left, right in pairwise([low, *ids])):
            return []

        groups = [ids[at : at + size] for at in range(0, len(ids), size)]
        highs = [group[-1] for group in groups]
        return [
            Window(before, high, frozenset(group))
            for before, high, group in zip([low, *highs], highs, groups, strict=False)
        ]

    def is_beyond(self, window: Window, issues: Sequence[Place]) -> bool:
        return any(not window.low < issue.id <= window.high for issue in issues)


@dataclass(frozen=True)
class ByChange:
    """Every issue changed since a time, oldest change first. A window is of whole minutes, its
    `high` is outside.
    """

    since: Callable[[], int]

    def begin(self) -> int:
        return floor_minute(self.since())

    def query(self, keys: Keys) -> str:
        return self.between(self.since(), None, keys)

    def between(self, low: int, high: int | None, keys: Keys) -> str:
        return jql.issues_changed_between(low, high, keys)

    def sampled(self, ids: Sequence[int], size: int) -> list[int]:
        return list(ids[:: self._step(size)])

    def windows(
        self, low: int, ids: Sequence[int], size: int, times: Mapping[int, int]
    ) -> list[Window]:
        """Cut at the minutes of sampled ids. One that changed since it was listed is later than
        those behind it: it tells nothing.
        """
        cuts = _in_order([(id_, times.get(id_)) for id_ in self.sampled(ids, size)])
        made: list[Window] = []
        begin, first = low, 0
        for number, minute, _ in cuts:
            pages = number - first
            is_sparse = minute - begin >= pages * SPARSE_MINUTES * MINUTE_MS
            if minute > begin and pages > 0 and (is_sparse or pages >= PAGES_OF_DENSE):
                named = frozenset(id_ for _, at, id_ in cuts if begin <= at < minute)
                made.append(Window(begin, minute, named))
                begin, first = minute, number
        return made

    def is_beyond(self, window: Window, issues: Sequence[Place]) -> bool:
        """An issue may show a newer time than search knew of; a whole page does not."""
        times = [issue.updated for issue in issues if issue.updated is not None]
        return bool(times) and (min(times) >= window.high or max(times) < window.low)

    def _step(self, size: int) -> int:
        return max(1, size * ROOM_PERCENT // 100)


def _in_order(samples: Sequence[tuple[int, int | None]]) -> list[tuple[int, int, int]]:
    """(number, minute, id) of those that are not later than any behind them."""
    kept: list[tuple[int, int, int]] = []
    earliest: int | None = None
    for number, (id_, at) in reversed(list(enumerate(samples))):
        if at is not None and (earliest is None or at <= earliest):
            earliest = at
            kept.append((number, floor_minute(at), id_))
    return kept[::-1]
