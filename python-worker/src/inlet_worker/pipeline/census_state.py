"""What the checkpoint remembers of censuses: `cursor.census`, beside the source's own members.

at      epoch ms of the last whole comparison
open    a run has committed rows, and not yet what it was told of deletions
source  the source's own
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HOUR_MS = 3_600_000
DEFAULT_HOURS = 24
Checkpoint = dict[str, Any]


@dataclass(frozen=True)
class CensusState:
    at: int | None = None
    open: bool = False
    source: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, checkpoint: Checkpoint | None) -> CensusState:
        kept = ((checkpoint or {}).get("cursor") or {}).get("census") or {}
        return cls(kept.get("at"), bool(kept.get("open")), dict(kept.get("source") or {}))

    def within(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint with this state."""
        kept = {"at": self.at, "open": self.open, "source": self.source}
        return {**checkpoint, "cursor": {**checkpoint["cursor"], "census": kept}}

    def is_due(self, policy: dict[str, Any], now_ms: int) -> bool:
        """Never compared, or long ago."""
        hours = policy.get("censusEveryHours", DEFAULT_HOURS)
        return self.at is None or now_ms - self.at >= hours * HOUR_MS


def deletes(policy: dict[str, Any]) -> bool:
    """Whether the unit's policy wants tombstones."""
    return str(policy.get("deletes", "ignore")) != "ignore"
