"""What the checkpoint remembers of censuses: `cursor.census`, beside the source's own members.

- at: epoch ms of the run that made the last whole comparison
- open: a run has committed rows, and not yet what it learned of deletions
- doubts: what the last comparison found against completeness; every run says it again until a new
  comparison clears it
- cost: requests that the last comparison took
- source: the source's own
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from inlet_sdk.ports.census import CensusReport, Finding
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.policy import Policy

HOUR_MS = 3_600_000
DAY_HOURS = 24
DOUBT_HOURS = 1
CHEAP_REQUESTS = 60
"""While there are doubts a comparison as cheap as this is repeated by every run, a dearer one after
DOUBT_HOURS.
"""


@dataclass(frozen=True)
class CensusState:
    at: int | None = None
    open: bool = False
    doubts: tuple[Finding, ...] = ()
    cost: int = 0
    source: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, checkpoint: Checkpoint | None) -> CensusState:
        kept: Mapping[str, Any] = (checkpoint.cursor.get("census") if checkpoint else None) or {}
        doubts = tuple(Finding(**finding) for finding in kept.get("doubts") or ())
        return cls(
            kept.get("at"),
            bool(kept.get("open")),
            doubts,
            kept.get("cost", 0),
            dict(kept.get("source") or {}),
        )

    def within(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint with this state."""
        kept = asdict(self) | {"doubts": [asdict(doubt) for doubt in self.doubts]}
        return replace(checkpoint, cursor={**checkpoint.cursor, "census": kept})

    def after(self, report: CensusReport, now_ms: int, requests: int) -> CensusState:
        """The state once a report has landed."""
        settled = replace(self, open=False, source=dict(report.state))
        if not report.compared:
            return settled
        doubts = tuple(finding for finding in report.findings if finding.weight != "info")
        return replace(settled, at=now_ms, doubts=doubts, cost=requests)

    def is_due(self, policy: Policy, now_ms: int, *, doubted: bool = False) -> bool:
        """Never compared, or long ago, or with doubts, old or new."""
        hours = policy.census_every_hours
        if self.doubts or doubted:
            hours = 0 if self.cost <= CHEAP_REQUESTS else min(hours, DOUBT_HOURS)
        return self.at is None or now_ms - self.at >= hours * HOUR_MS

    def is_overdue(self, policy: Policy, now_ms: int) -> bool:
        """Never compared, or so long ago that a comparison that fails is no accident any more."""
        patience = max(policy.census_every_hours, DAY_HOURS) * 2 * HOUR_MS
        return self.at is None or now_ms - self.at >= patience
