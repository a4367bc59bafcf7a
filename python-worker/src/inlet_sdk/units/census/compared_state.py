"""What a source's census remembers for the next one: its part of `cursor.census.source`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from inlet_sdk.units.census.shown_before import ShownRanges
from inlet_sdk.units.debt import Debt


@dataclass(frozen=True)
class Hidden:
    """since: before that time (epoch ms) nothing of the group was missed. count: its landed records
    that were not shown, None where it was not written down: by checkpoints of before.
    """

    since: int
    count: int | None

    @classmethod
    def parse(cls, stored: Any) -> Hidden:
        if isinstance(stored, list):
            return cls(int(stored[0]), int(stored[1]))
        return cls(int(stored), None)

    def dump(self) -> list[int] | int:
        return self.since if self.count is None else [self.since, self.count]


@dataclass(frozen=True)
class ComparedState:
    """position: of the last comparison. hidden: by group. count: how many records the site showed.
    debt: what the next readings have to make up for. ranges: what was shown, of records
    that others hang on. late: records that were missing and too young
    to be missed. turn, probed: the last id that was compared, or asked for though no list shows it,
    in its turn.
    """

    position: float | None = None
    hidden: Mapping[str, Hidden] = field(default_factory=dict)
    count: int | None = None
    debt: Debt = field(default_factory=Debt)
    ranges: ShownRanges | None = None
    late: tuple[int, ...] = ()
    turn: int = 0
    probed: int = 0

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> ComparedState:
        hidden: Mapping[str, Any] = stored.get("hidden", {})
        return cls(
            position=stored.get("position"),
            hidden={group: Hidden.parse(value) for group, value in hidden.items()},
            count=stored.get("count"),
            debt=Debt.parse(stored),
            ranges=ShownRanges.parse(stored.get("ranges")),
            late=tuple(int(record) for record in stored.get("late") or ()),
            turn=int(stored.get("turn") or 0),
            probed=int(stored.get("probed") or 0),
        )

    def dump(self) -> dict[str, Any]:
        owing = {name: value for name, value in self.debt.dump().items() if value}
        ranges = {} if self.ranges is None else self.ranges.dump()
        turns = {"turn": self.turn, "probed": self.probed}
        more = {"ranges": ranges, "late": list(self.late), **turns}
        return {
            "position": self.position,
            "hidden": {group: value.dump() for group, value in self.hidden.items()},
            **owing,
            **{name: value for name, value in more.items() if value},
            **({} if self.count is None else {"count": self.count}),
        }

    def shows_fewer(self, count: int | None) -> bool:
        """Whether the site shows fewer records than last time; None is no answer."""
        return count is not None and self.count is not None and count < self.count

    def counted(self, count: int | None) -> ComparedState:
        """The same, with the site's latest answer."""
        return self if count is None else replace(self, count=count)
