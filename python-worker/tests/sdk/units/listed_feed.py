"""A feed over a list in memory: small, but a whole implementation of the port."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from inlet_sdk.ports.source_endpoint import SourceWarning
from inlet_sdk.units.feed import HIDDEN_GROUP, FeedPage


@dataclass(frozen=True)
class Thing:
    id: int
    updated: int
    box: str = "red"


Pages = Iterator[FeedPage[Thing]]


@dataclass
class ListedFeed:
    """Things lie in boxes. Those of `hidden` boxes are not shown; whoever names one is warned."""

    things: list[Thing]
    page: int = 2
    hidden: set[str] = field(default_factory=set)
    boxes: Sequence[str] | None = None

    def shown(self) -> list[Thing]:
        return [thing for thing in self.things if thing.box not in self.hidden]

    def latest_change(self) -> int | None:
        return max((thing.updated for thing in self.shown()), default=None)

    def after(self, record_id: Callable[[], int]) -> Pages:
        things = sorted(self.shown(), key=lambda thing: thing.id)
        return self._pages([t for t in things if t.id > record_id()], self.boxes)

    def since(self, at_ms: Callable[[], int]) -> Pages:
        things = sorted(self.shown(), key=lambda thing: (thing.updated, thing.id))
        return self._pages([t for t in things if t.updated >= at_ms()], self.boxes)

    def of_ids(self, ids: Sequence[int]) -> Pages:
        return self._pages([t for t in self.shown() if t.id in ids], self.boxes)

    def changed_after(
        self,
        groups: Sequence[str] | None,
        at_ms: int,
        record_id: Callable[[], int],
        until: int | None = None,
    ) -> Pages:
        changed = [
            t
            for t in self.shown()
            if t.updated >= at_ms and t.id > record_id() and (until is None or t.id <= until)
        ]
        return self._pages(sorted(changed, key=lambda thing: thing.id), groups)

    def _pages(self, things: Sequence[Thing], boxes: Sequence[str] | None) -> Pages:
        visible = None if boxes is None else [box for box in boxes if box not in self.hidden]
        warnings = [
            SourceWarning(HIDDEN_GROUP, f"Box {box} is closed.", partial=True)
            for box in boxes or ()
            if box in self.hidden
        ]
        wanted = [t for t in things if visible is None or t.box in visible]
        for start in range(0, max(1, len(wanted)), self.page):
            some = wanted[start : start + self.page]
            last = start + self.page >= len(wanted)
            yield FeedPage(some, (), warnings if start == 0 else (), last, visible)
