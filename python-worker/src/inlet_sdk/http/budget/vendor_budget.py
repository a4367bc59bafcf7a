"""All that a call to a vendor draws on: the requests of the credential, and above it the points of
its app.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from inlet_sdk.http.budget.spender import Spender
from inlet_sdk.http.rate_limit import RateLimit
from inlet_sdk.ports.ingestion_context import IngestionContext


@dataclass(frozen=True)
class VendorBudget:
    """`points` is None where the vendor counts nothing above the credential."""

    requests: Spender
    points: Spender | None = None

    def take(self, points: int, context: IngestionContext | None) -> None:
        """Returns when one request that costs so many points may be made. Raises what
        `Spender.take` raises.
        """
        if self.points is not None:
            self.points.take(context, points)
        self.requests.take(context)

    def per_second(self, points: int) -> float:
        """How many requests of so many points may be made a second."""
        flow = self.requests.per_second
        return flow if self.points is None else min(flow, self.points.per_second / points)

    def saw(self, headers: Mapping[str, str]) -> None:
        """What an answer says of the vendor's limits."""
        self.requests.saw(headers)

    def refused(self, limit: RateLimit, until: datetime) -> None:
        """Holds all that the limit is about: an hour's quota is the app's, a burst the
        credential's. One record that was written too often is no reason to hold anybody.
        """
        if limit.is_per_record:
            return
        holds = self.points if self.points is not None and limit.is_quota else self.requests
        holds.refused(until, limit.reason, slow_down=limit.is_too_fast)

    def close(self) -> None:
        """Gives back what is left of the leases. Idempotent."""
        for spender in (self.requests, self.points):
            if spender is not None:
                spender.close()
