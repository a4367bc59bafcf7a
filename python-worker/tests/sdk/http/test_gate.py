"""A hold stops also those that had their share of the budget before it: many threads, one clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.errors import RateLimitedError
from inlet_sdk.http.budget.bucket_store import ProcessBucket
from inlet_sdk.http.budget.limits import Limits
from inlet_sdk.http.budget.spender import Spender
from inlet_sdk.http.budget.vendor_budget import VendorBudget
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.gate import Gate, HeldBack
from inlet_sdk.http.request import Request
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.testing.contexts import LOGIN, a_context
from inlet_sdk.testing.fake_clock import START, FakeClock
from inlet_sdk.testing.fake_site import Answer, Asked, FakeSite, json_answer

THING = Request("/thing")
WAIT_SECONDS = 30
THREADS = 8


@dataclass(frozen=True)
class LateBudget(VendorBudget):
    """Between a token and its request there may be any time: here, until somebody was refused."""

    told: threading.Event = field(default_factory=threading.Event)
    taken: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def take(self, points: int, context: IngestionContext | None) -> None:
        super().take(points, context)
        if context is not None and context.unit_id == "late":
            self.taken.release()
            assert self.told.wait(WAIT_SECONDS)

    def refused(self, limit: Any, until: datetime) -> None:
        super().refused(limit, until)
        self.told.set()


@dataclass
class Limited:
    """A site that refuses its first request, and its clock."""

    site: FakeSite
    seconds: int = 5
    time: FakeClock = field(default_factory=FakeClock)
    asked: list[float] = field(default_factory=list)

    def answer(self, _: Asked) -> Answer:
        self.asked.append(self.time.slept)
        if len(self.asked) > 1:
            return json_answer({})
        headers = {"Retry-After": str(self.seconds), "RateLimit-Reason": "jira-burst-based"}
        return Answer(b"{}", 429, headers)

    def endpoint(self, budget: VendorBudget | None) -> HttpEndpoint:
        self.site.route("GET", "/thing", self.answer)
        return HttpEndpoint(
            self.site.url,
            LOGIN,
            allow_private_networks=True,
            clock=self.time.clock(),
            budget=budget,
        )


@pytest.fixture
def limited(site: FakeSite) -> Iterator[Limited]:
    yield Limited(site)


def late_budget(time: FakeClock) -> LateBudget:
    return LateBudget(Spender(ProcessBucket(), Limits(100, 100), clock=time.clock()))


def test_none_sends_before_the_hold_is_over_whenever_it_took_its_token(limited: Limited) -> None:
    budget = late_budget(limited.time)
    http = limited.endpoint(budget)
    late = a_context("late")
    with ThreadPoolExecutor(THREADS + 1) as threads:
        others = [threads.submit(http.fetch_json, THING, Any, late) for _ in range(THREADS)]
        for _ in others:
            assert budget.taken.acquire(timeout=WAIT_SECONDS)
        http.fetch_json(THING, Any, a_context("early"))
        for other in others:
            other.result(WAIT_SECONDS)
    assert len(limited.asked) == THREADS + 2
    assert all(at >= limited.seconds for at in limited.asked[1:])
    assert late.progress.requests == THREADS
    http.close()


def test_a_long_hold_sends_the_late_ones_away_with_its_end(limited: Limited) -> None:
    limited.seconds = 600
    budget = late_budget(limited.time)
    http = limited.endpoint(budget)
    with ThreadPoolExecutor(2) as threads:
        other = threads.submit(http.fetch_json, THING, Any, a_context("late"))
        assert budget.taken.acquire(timeout=WAIT_SECONDS)
        with pytest.raises(RateLimitedError):
            http.fetch_json(THING, Any, a_context("early"))
        with pytest.raises(RateLimitedError) as held:
            other.result(WAIT_SECONDS)
    assert held.value.resume_at >= START + timedelta(seconds=600)
    assert len(limited.asked) == 1
    http.close()


def test_without_a_budget_a_hold_is_everybodys_too(limited: Limited) -> None:
    http = limited.endpoint(None)
    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(http.fetch_json, THING, Any) for _ in range(THREADS)]:
            done.result(WAIT_SECONDS)
    refused_at = limited.asked[0]
    on_the_wire = [at for at in limited.asked[1:] if at < refused_at + limited.seconds]
    assert len(on_the_wire) < THREADS
    http.fetch_json(THING, Any)
    assert limited.asked[-1] >= limited.seconds
    http.close()


@given(st.lists(st.integers(-5, 50), min_size=1, max_size=6), st.integers(0, 60))
def test_the_gate_opens_when_the_longest_hold_is_over(holds: list[int], passed: int) -> None:
    time = FakeClock()
    gate = Gate(time.clock())
    for seconds in holds:
        gate.hold(START + timedelta(seconds=seconds))
    time.slept = float(passed)
    if passed < max(holds):
        with pytest.raises(HeldBack):
            gate.check()
    else:
        gate.check()
    assert gate.seconds_left() == max(0, max(holds) - passed)


def test_threads_that_wait_for_tokens_use_all_of_the_flow(site: FakeSite) -> None:
    time = FakeClock()
    limits = Limits(20, 20)
    budget = VendorBudget(Spender(ProcessBucket(), limits, clock=time.clock()))
    count = 400
    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(budget.take, 1, None) for _ in range(count)]:
            done.result(WAIT_SECONDS)
    least = (count - limits.burst) / limits.requests_per_second
    assert least * 0.99 <= time.slept <= least * 1.05
