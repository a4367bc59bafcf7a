"""Callers of one site on one budget."""

from __future__ import annotations

from typing import Any

from inlet_sdk.http.budget.bucket import Bucket
from inlet_sdk.http.budget.bucket_store import ProcessBucket
from inlet_sdk.http.budget.limits import Limits
from inlet_sdk.http.budget.spender import Spender
from inlet_sdk.http.budget.vendor_budget import VendorBudget
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request
from inlet_sdk.testing.contexts import LOGIN, a_context
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import FakeSite

THING = Request("/thing")
SLOW = Limits(requests_per_second=5, burst=10, reserved_share=0.2)


class Crowd:
    """Callers of one site that share a budget and a clock; with `points`, those of one app, too."""

    def __init__(self, site: FakeSite, limits: Limits = SLOW, points: Limits | None = None) -> None:
        self.site, self.limits, self.points = site, limits, points
        self.time = FakeClock()
        self.bucket, self.app = ProcessBucket(), ProcessBucket()

    def caller(
        self, *, people: bool = False, chance: float = 0.5, bucket: ProcessBucket | None = None
    ) -> HttpEndpoint:
        clock = self.time.clock(chance)
        requests = Spender(bucket or self.bucket, self.limits, people=people, clock=clock)
        points = Spender(self.app, self.points, people=people, clock=clock) if self.points else None
        budget = VendorBudget(requests, points)
        return HttpEndpoint(
            self.site.url, LOGIN, allow_private_networks=True, clock=clock, budget=budget
        )

    def look(self) -> Bucket:
        found = self.bucket.change(lambda found: (None, found))
        assert found is not None
        return found


def ask(caller: HttpEndpoint) -> None:
    caller.fetch_json(THING, Any, a_context())
