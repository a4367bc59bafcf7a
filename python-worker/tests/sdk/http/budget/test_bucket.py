"""The law of the shared budget, under any interleaving of callers, crashes, lost answers and clocks
that disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from inlet_sdk.http.budget.bucket import (
    FULL_PACE,
    LEASE_MS,
    LEAST_PACE,
    MICRO,
    SWEEP_MS,
    WINDOWS_MS,
    Ask,
    Bucket,
    Hold,
    Lease,
    full_bucket,
    held,
    leased,
    refilled,
    settled,
    used_since,
    wait_ms,
)
from inlet_sdk.http.budget.limits import Limits
from inlet_worker.host.table_bucket import bucket_json, bucket_of

NOW = 1_772_445_600_000
LIMITS = Limits(requests_per_second=10, burst=20, reserved_share=0.25)
limits_of_any_kind = st.builds(
    Limits,
    requests_per_second=st.floats(0.05, 500, allow_nan=False),
    burst=st.integers(1, 200),
    reserved_share=st.floats(0, 0.9),
)


@dataclass
class Holder:
    """A caller as it knows itself. `spent` of the lease's tokens are with the vendor."""

    people: bool
    lease: Lease | None = None
    spent: int = 0
    asks: list[Ask] = field(default_factory=list)


class BudgetLaw(RuleBasedStateMachine):
    """Several callers on one bucket. What reached the vendor is counted here, not by the bucket."""

    @initialize(limits=limits_of_any_kind)
    def open(self, limits: Limits) -> None:
        self.limits, self.now, self.furthest = limits, NOW, NOW
        self.bucket = full_bucket(limits, NOW)
        self.holders = {name: Holder(people=name == "person") for name in ("one", "two", "person")}
        self.spent = self.given_back = self.granted = self.leases_made = 0

    @rule(ms=st.integers(0, 5_000))
    def time_passes(self, ms: int) -> None:
        self.now += ms
        self.furthest = max(self.furthest, self.now)

    @rule(ms=st.integers(1, 3_000))
    def a_clock_is_behind(self, ms: int) -> None:
        self.now -= ms

    @rule(
        name=st.sampled_from(["one", "two", "person"]),
        wish=st.integers(1, 50),
        least=st.integers(1, 20),
    )
    def lease(self, name: str, wish: int, least: int) -> None:
        holder = self.holders[name]
        self.leases_made += 1
        ask = Ask(name, f"lease-{self.leases_made}", wish, holder.people, least)
        before = refilled(self.bucket, self.limits, self.now)
        after, lease = leased(self.bucket, self.limits, ask, self.now)
        again, same = leased(after, self.limits, ask, self.now)
        assert same == lease or lease is None
        if lease is not None:
            assert (
                again == after and least <= lease.tokens <= max(wish, least) and before.hold is None
            )
            assert holder.people or after.tokens >= self.limits.reserved * MICRO
            holder.lease, holder.spent = lease, 0
            self.granted += lease.tokens
        self.bucket = after

    @rule(name=st.sampled_from(["one", "two", "person"]))
    def spend(self, name: str) -> None:
        holder = self.holders[name]
        if (
            holder.lease is not None
            and holder.spent < holder.lease.tokens
            and self.now < holder.lease.until
        ):
            holder.spent += 1
            self.spent += 1

    @rule(name=st.sampled_from(["one", "two", "person"]), twice=st.booleans())
    def give_back(self, name: str, twice: bool) -> None:
        holder = self.holders[name]
        if holder.lease is None:
            return
        once = settled(self.bucket, self.limits, name, holder.lease.id, holder.spent, self.now)
        if twice:
            assert settled(once, self.limits, name, holder.lease.id, holder.spent, self.now) == once
        self.bucket, holder.lease = once, None

    @rule(name=st.sampled_from(["one", "two", "person"]))
    def a_caller_dies(self, name: str) -> None:
        self.holders[name].lease = None

    @rule(ms=st.integers(1, 60_000), slow_down=st.booleans())
    def the_vendor_refuses(self, ms: int, slow_down: bool) -> None:
        hold = Hold(self.now + ms, "http-429")
        after = held(self.bucket, self.limits, hold, self.now, slow_down=slow_down)
        assert held(after, self.limits, hold, self.now, slow_down=slow_down) == after
        nobody = Ask("other", "lease-held", 1, people=True)
        assert leased(after, self.limits, nobody, self.now)[1] is None
        self.bucket = after

    @invariant()
    def never_more_than_the_vendor_allows(self) -> None:
        seconds = (self.furthest - NOW) / 1000
        assert self.spent <= self.limits.burst + self.limits.requests_per_second * seconds + 1e-6

    @invariant()
    def the_bucket_is_between_empty_and_full(self) -> None:
        assert 0 <= self.bucket.tokens <= self.limits.burst * MICRO
        assert LEAST_PACE <= self.bucket.pace <= FULL_PACE

    @invariant()
    def nothing_is_counted_twice(self) -> None:
        assert all(0 <= usage.count <= self.granted for usage in self.bucket.used)

    @invariant()
    def it_is_kept_as_it_is(self) -> None:
        assert bucket_of(bucket_json(self.bucket)) == self.bucket


TestBudgetLaw = BudgetLaw.TestCase


@given(limits_of_any_kind, st.integers(0, 10_000), st.booleans())
def test_the_wait_that_is_named_is_long_enough_and_no_longer(
    limits: Limits, ahead: int, people: bool
) -> None:
    drained = replace(full_bucket(limits, NOW), tokens=0, at=NOW + ahead)
    least = 1 + limits.burst // 4 if people else 1
    ask = Ask("one", "lease-1", 1, people, least)
    wait = wait_ms(drained, limits, ask, NOW)
    assert leased(drained, limits, ask, NOW + wait)[1] is not None
    assert leased(drained, limits, ask, NOW + wait - 3)[1] is None


def test_a_lease_that_nobody_gives_back_is_spent_and_no_token_leaks() -> None:
    bucket, lease = leased(full_bucket(LIMITS, NOW), LIMITS, Ask("dead", "lease-1", 8), NOW)
    assert lease is not None and lease.tokens == 8
    later = NOW + LEASE_MS + SWEEP_MS + 1
    swept = refilled(bucket, LIMITS, later)
    assert swept.leases == {} and swept.tokens == 20 * MICRO
    assert used_since(swept, later) == (8, 8, 8)


def test_people_are_served_when_the_others_have_used_what_is_theirs() -> None:
    bucket = full_bucket(Limits(10, 20, 0.25), NOW)
    for name in "abcdefghijklmnop":
        bucket, _ = leased(bucket, LIMITS, Ask(name, name, 100), NOW)
    assert bucket.tokens == 5 * MICRO
    assert leased(bucket, LIMITS, Ask("run", "run", 1), NOW)[1] is None
    _, lease = leased(bucket, LIMITS, Ask("ann", "ann", 1, people=True), NOW)
    assert lease is not None


def test_a_refusal_holds_everybody_and_then_the_flow_is_slower_for_a_while() -> None:
    bucket = held(
        full_bucket(LIMITS, NOW), LIMITS, Hold(NOW + 1000, "jira-burst-based"), NOW, slow_down=True
    )
    assert leased(bucket, LIMITS, Ask("ann", "a", 1, people=True), NOW + 999)[1] is None
    assert refilled(bucket, LIMITS, NOW + 2000).tokens == 85 * MICRO // 10
    assert refilled(bucket, LIMITS, NOW + 300_000).pace == FULL_PACE


def test_refusals_of_one_moment_slow_down_once_and_the_longest_hold_counts() -> None:
    bucket = full_bucket(LIMITS, NOW)
    for ms in (1000, 3000, 2000):
        bucket = held(bucket, LIMITS, Hold(NOW + ms, "jira-burst-based"), NOW, slow_down=True)
    assert bucket.pace == FULL_PACE * 0.85
    assert bucket.hold == Hold(NOW + 3000, "jira-burst-based")


@given(
    st.integers(LEAST_PACE, FULL_PACE), st.integers(1, FULL_PACE), st.lists(st.integers(0, 10**5))
)
def test_the_pace_comes_back_the_same_however_often_it_is_looked_at(
    pace: int, wall: int, steps: list[int]
) -> None:
    looked_at = Bucket(0, NOW, pace, wall=wall)
    for ms in steps:
        after = refilled(looked_at, LIMITS, looked_at.at + ms)
        assert pace <= looked_at.pace <= after.pace <= FULL_PACE
        looked_at = after
    once = refilled(Bucket(0, NOW, pace, wall=wall), LIMITS, NOW + sum(steps))
    assert abs(once.pace - looked_at.pace) <= 2


def test_near_the_wall_the_pace_comes_back_slowly_and_beyond_it_fast_again() -> None:
    wall = FULL_PACE // 4
    at = Bucket(0, NOW, int(wall * 0.85), wall=wall)
    minute = [refilled(at, LIMITS, NOW + second * 1000).pace / wall for second in range(600)]
    assert minute[15] > 0.94 and minute[60] < 1.01
    assert max(after - before for before, after in pairwise(minute)) > 0.007
    assert minute[599] > 1.5


def test_use_is_told_by_minute_hour_and_day() -> None:
    start = NOW - NOW % WINDOWS_MS[0]
    bucket, lease = leased(full_bucket(LIMITS, start), LIMITS, Ask("one", "l", 10), start)
    assert lease is not None
    bucket = settled(bucket, LIMITS, "one", "l", 6, start)
    assert used_since(bucket, start) == (6, 6, 6)
    assert used_since(bucket, start + 90_000) == (3, 6, 6)
    assert used_since(bucket, start + 180_000)[0] == 0
    assert used_since(Bucket(0, NOW), NOW) == (0, 0, 0)
