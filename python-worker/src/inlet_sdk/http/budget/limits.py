"""How much may be asked of a vendor: environment < connector < endpoint, each name by itself
(decision 17). `core/effective-limits.ts` shows the same; both are held to
`schemas/examples/budget/vectors.json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RATE_LIMIT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Rate limit",
    "description": "How much of the vendor's limits this endpoint may use. Default: the "
    "connector's limits.",
    "properties": {
        "requestsPerSecond": {
            "type": "number",
            "minimum": 0.01,
            "maximum": 1000,
            "description": "Requests a second, for all callers that use the endpoint's credential.",
        },
        "burst": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10_000,
            "description": "Requests that may be made at once after an idle time.",
        },
        "reservedShare": {
            "type": "number",
            "minimum": 0,
            "maximum": 0.9,
            "description": "Share of the burst that is reserved for calls that a person waits for.",
        },
        "maxPerRecordCalls": {
            "type": "integer",
            "minimum": 0,
            "maximum": 10_000_000,
            "description": "Calls of one record each that a unit's config may need. A config "
            "that needs more is refused.",
        },
        "pointsPerHour": {
            "type": "integer",
            "minimum": 100,
            "maximum": 100_000_000,
            "description": "Points that the app's calls may cost in an hour, for all endpoints "
            "of the app together.",
        },
    },
    "additionalProperties": False,
}
"""For a connector's config schema: the endpoint's `rateLimit`."""


@dataclass(frozen=True)
class Limits:
    """`burst` in requests. `reserved` of them are people's; background calls never get to use
    these.
    """

    requests_per_second: float
    burst: int
    reserved_share: float = 0.0

    @property
    def reserved(self) -> int:
        """At least one request of the burst is everybody's, else background calls would never get
        any.
        """
        return min(int(self.burst * self.reserved_share), self.burst - 1)


def points_limits(
    levels: Sequence[Mapping[str, Any] | None], auth_type: str | None
) -> Limits | None:
    """The app's budget in points, None where the vendor counts none for such a credential. Four
    fifths of the hour come as a steady flow and one fifth may be spent at once, so that no hour
    sees more than is allowed.
    """
    merged = _merged(levels)
    if auth_type not in merged.get("pointsFor", ()):
        return None
    per_hour = int(merged["pointsPerHour"])
    return Limits(per_hour * 0.8 / 3600, per_hour // 5, float(merged["reservedShare"]))


def effective_limits(*levels: Mapping[str, Any] | None) -> Limits:
    """The later of the levels wins. The first, the environment's, names everything."""
    merged = _merged(levels)
    return Limits(
        float(merged["requestsPerSecond"]), int(merged["burst"]), float(merged["reservedShare"])
    )


def _merged(levels: Sequence[Mapping[str, Any] | None]) -> dict[str, Any]:
    return {
        name: value
        for level in levels
        for name, value in (level or {}).items()
        if value is not None
    }
