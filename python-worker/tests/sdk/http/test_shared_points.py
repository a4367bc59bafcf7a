"""Endpoints of one app, whose vendor counts in points: its hour is theirs together."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from inlet_sdk.errors import RateLimitedError
from inlet_sdk.http.budget.bucket import LEASE_MS
from inlet_sdk.http.budget.bucket_store import ProcessBucket
from inlet_sdk.http.budget.limits import Limits, points_limits
from inlet_sdk.http.request import Request
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.fake_site import Answer, FakeSite, json_answer

from .crowd import Crowd, ask

HOUR = points_limits(
    [{"pointsPerHour": 65_000, "pointsFor": ["oauth2"], "reservedShare": 0}], "oauth2"
)


def test_endpoints_of_one_app_stay_within_its_points_in_every_hour(site: FakeSite) -> None:
    assert HOUR is not None
    crowd = Crowd(site, Limits(100, 100), HOUR)
    times: list[float] = []
    site.route("GET", "/thing", lambda _: times.append(crowd.time.slept) or json_answer({}))
    callers = [crowd.caller(bucket=ProcessBucket()) for _ in range(2)]
    page = Request("/thing", points=1001)
    for caller, _ in zip(itertools.cycle(callers), range(40), strict=False):
        try:
            caller.fetch_json(page, Any, a_context())
        except RateLimitedError as e:
            assert e.reason == "budget"
            crowd.time.clock().sleep((e.resume_at - crowd.time.now()).total_seconds())
    assert len(times) >= 12
    for first, last in itertools.combinations(range(len(times)), 2):
        spent = 1001 * (last - first + 1)
        assert spent <= HOUR.burst + HOUR.requests_per_second * (
            times[last] - times[first] + LEASE_MS / 1000
        )
    assert HOUR.burst + HOUR.requests_per_second * 3600 <= 65_000


def test_a_spent_hour_holds_every_endpoint_of_the_app_and_a_burst_only_its_own(
    site: FakeSite,
) -> None:
    crowd = Crowd(site, points=HOUR)
    one, other = crowd.caller(bucket=ProcessBucket()), crowd.caller(bucket=ProcessBucket())
    site.faults = [
        Answer(b"{}", 429, {"Retry-After": "60", "RateLimit-Reason": "jira-burst-based"})
    ]
    with pytest.raises(RateLimitedError):
        ask(one)
    ask(other)
    site.faults = [
        Answer(b"{}", 429, {"Retry-After": "900", "RateLimit-Reason": "jira-quota-global-based"})
    ]
    with pytest.raises(RateLimitedError):
        ask(other)
    third = crowd.caller(bucket=ProcessBucket())
    with pytest.raises(RateLimitedError) as held:
        ask(third)
    assert held.value.reason == "jira-quota-global-based" and len(site.log) == 3


def test_an_answer_that_costs_more_than_there_can_ever_be_waits_for_all_there_is(
    site: FakeSite,
) -> None:
    crowd = Crowd(site, points=Limits(1, 50, 0.2))
    crowd.caller().fetch_json(Request("/thing", points=10_000), Any, a_context())
    assert len(site.log) == 1


def test_points_are_counted_for_apps_only() -> None:
    published = {"pointsPerHour": 65_000, "pointsFor": ["oauth2"], "reservedShare": 0.25}
    assert points_limits([published, None], "basic") is None
    assert points_limits([{"reservedShare": 0.2}, None], "oauth2") is None
    assert points_limits([published, {"pointsPerHour": 100_000}], "oauth2") == Limits(
        100_000 * 0.8 / 3600, 20_000, 0.25
    )
