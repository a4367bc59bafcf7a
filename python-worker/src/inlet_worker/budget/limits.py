"""How much may be asked of a vendor: environment < connector < endpoint, each name by itself (DESIGN decision 17).
`core/effective-limits.ts` shows the same; both are held to `schemas/examples/budget/vectors.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RATE_LIMIT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Rate limit",
    "description": "How much of the vendor's limits this endpoint may use. What is left out is the connector's.",
    "properties": {
        "requestsPerSecond": {
            "type": "number",
            "minimum": 0.01,
            "maximum": 1000,
            "description": "Steady flow of everything that uses the endpoint's credential.",
        },
        "burst": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10_000,
            "description": "Requests that may come at once after a quiet time.",
        },
        "reservedShare": {
            "type": "number",
            "minimum": 0,
            "maximum": 0.9,
            "description": "Share of the burst that only people's calls may use.",
        },
        "maxPerRecordCalls": {
            "type": "integer",
            "minimum": 0,
            "maximum": 10_000_000,
            "description": "Calls of one record each that a unit's config may need; more is refused.",
        },
    },
    "additionalProperties": False,
}
"""For a connector's config schema: the endpoint's `rateLimit`."""


@dataclass(frozen=True)
class Limits:
    """`burst` in requests. `reserved` of them are people's; background calls never get to use these."""

    requests_per_second: float
    burst: int
    reserved_share: float = 0.0

    @property
    def reserved(self) -> int:
        """At least one request of the burst is everybody's, else background calls would never get any."""
        return min(int(self.burst * self.reserved_share), self.burst - 1)


def effective_limits(*levels: Mapping[str, Any] | None) -> Limits:
    """The later of the levels wins. The first, the environment's, names everything."""
    merged = {name: value for level in levels for name, value in (level or {}).items() if value is not None}
    return Limits(float(merged["requestsPerSecond"]), int(merged["burst"]), float(merged["reservedShare"]))
