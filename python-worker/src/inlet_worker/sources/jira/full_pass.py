"""Reading every issue once by id, and the cursor from which INCREMENTAL may go on afterwards: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inlet_worker.sources.jira.cursor import ChangeCursor, Known, Windows, boundary, pack, unpack


@dataclass
class FullPass:
    """`high_water` is the latest change the site showed when the pass began: whatever changes later
    is INCREMENTAL's, so the cursor never lies beyond it, however much newer a row read later is.
    """

    windows: Windows
    started_ms: int
    high_water: int | None
    after: int = 0
    highest: int | None = None
    known: Known = field(default_factory=dict)

    @classmethod
    def resumed(cls, resume: Mapping[str, Any], windows: Windows) -> FullPass:
        high = resume["highWater"]
        known = unpack(resume["known"], high or 0)
        return cls(
            windows, int(resume["started"]), high, int(resume["after"]), resume["highest"], known
        )

    def accept(self, issue_id: int, updated: int | None) -> bool:
        """Take the next issue. False when its id is not beyond the last one: repeated, or out of
        order.
        """
        if issue_id <= self.after:
            return False
        self.after = issue_id
        if updated is not None and self.high_water is not None:
            self.highest = updated if self.highest is None else max(self.highest, updated)
            if updated >= self.high_water - max(self.windows.trailing_ms, self.windows.overlap_ms):
                self.known[issue_id] = updated
        return True

    def cursor(self) -> ChangeCursor:
        """Where INCREMENTAL goes on once everything has landed."""
        if self.high_water is None or self.highest is None:
            return ChangeCursor(None, self.started_ms)
        position = min(self.high_water, self.highest)
        return ChangeCursor(position, self.started_ms, boundary(self.known, position, self.windows))

    def resume(self) -> dict[str, Any]:
        """JSON to go on from, in any process."""
        high = self.high_water
        self.known = {} if high is None else boundary(self.known, high, self.windows)
        return {
            "after": self.after,
            "started": self.started_ms,
            "highWater": high,
            "highest": self.highest,
            "known": pack(self.known, high or 0),
        }
