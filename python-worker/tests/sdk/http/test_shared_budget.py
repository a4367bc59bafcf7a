"""Several callers of one site on one budget: what reaches the site is counted, by a clock that only
waits move.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from inlet_sdk.errors import FatalError, RateLimitedError, RetryableError
from inlet_sdk.http.auth import Credential, auth_headers
from inlet_sdk.http.budget.bucket import LEASE_MS
from inlet_sdk.http.budget.bucket_store import ProcessBucket, Step, T
from inlet_sdk.http.budget.limits import Limits
from inlet_sdk.http.budget.spender import Spender
from inlet_sdk.redaction import REDACTED
from inlet_sdk.testing.contexts import LOGIN, a_context
from inlet_sdk.testing.fake_clock import START, FakeClock
from inlet_sdk.testing.fake_site import Answer, Asked, FakeSite, json_answer

from .crowd import SLOW, THING, Crowd, ask


def test_two_units_of_one_endpoint_never_exceed_its_budget_together(site: FakeSite) -> None:
    crowd = Crowd(site)
    times: list[float] = []
    site.route("GET", "/thing", lambda _: times.append(crowd.time.slept) or json_answer({}))
    callers = [crowd.caller(), crowd.caller(chance=0.9)]
    for caller, _ in zip(itertools.cycle(callers), range(120), strict=False):
        ask(caller)
    assert len(times) == 120
    for first, last in itertools.combinations(range(120), 2):
        # What was leased before the stretch may be spent in it.
        longest = times[last] - times[first] + LEASE_MS / 1000
        assert last - first + 1 <= SLOW.burst + SLOW.requests_per_second * longest
    assert times[-1] >= (120 - SLOW.burst) / SLOW.requests_per_second
    assert times[-1] <= 1.3 * 120 / SLOW.requests_per_second


def test_a_refusal_that_one_meets_is_obeyed_by_the_other(site: FakeSite) -> None:
    crowd = Crowd(site)
    one, other = crowd.caller(), crowd.caller()
    site.faults = [
        Answer(b"{}", 429, {"Retry-After": "600", "RateLimit-Reason": "jira-quota-tenant-based"})
    ]
    with pytest.raises(RateLimitedError):
        ask(one)
    with pytest.raises(RateLimitedError) as held:
        ask(other)
    assert len(site.log) == 1
    assert held.value.resume_at >= START + timedelta(seconds=600)
    assert held.value.reason == "jira-quota-tenant-based" and held.value.message.endswith(".")
    assert crowd.look().pace == 1_000_000


def test_a_short_refusal_is_sat_out_by_all_and_slows_all_down(site: FakeSite) -> None:
    crowd = Crowd(site)
    one, other = crowd.caller(), crowd.caller()
    asked: list[float] = []

    def answer(_: Asked) -> Answer:
        asked.append(crowd.time.slept)
        refusal = Answer(b"{}", 429, {"Retry-After": "2", "RateLimit-Reason": "jira-burst-based"})
        return refusal if len(asked) == 1 else json_answer({})

    site.route("GET", "/thing", answer)
    ask(one)
    ask(other)
    assert all(at >= 2 for at in asked[1:])
    assert 850_000 <= crowd.look().pace < 860_000


def test_a_site_that_is_down_for_maintenance_holds_but_slows_nobody_down(site: FakeSite) -> None:
    crowd = Crowd(site)
    site.faults = [Answer(b"{}", 503, {"Retry-After": "5"})]
    ask(crowd.caller())
    assert crowd.look().pace == 1_000_000 and crowd.time.slept >= 5


def test_a_person_is_served_while_runs_wait(site: FakeSite) -> None:
    crowd = Crowd(site, Limits(0.05, 10, 0.2))
    run, person = crowd.caller(), crowd.caller(people=True)
    for _ in range(8):
        ask(run)
    ask(person)
    assert crowd.time.slept == 0
    with pytest.raises(RateLimitedError) as spent:
        ask(run)
    assert spent.value.reason == "budget" and crowd.time.slept == 0
    assert spent.value.resume_at == START + timedelta(seconds=40, milliseconds=1)


def test_what_is_left_of_a_lease_is_given_back_at_the_end(site: FakeSite) -> None:
    crowd = Crowd(site)
    caller = crowd.caller()
    ask(caller)
    assert len(crowd.look().leases) == 1
    caller.close()
    caller.close()
    after = crowd.look()
    assert after.leases == {} and after.tokens == 9_000_000
    assert [usage.count for usage in after.used] == [1, 1, 1]


def test_what_the_vendor_says_of_its_limits_is_kept_for_people_to_see(site: FakeSite) -> None:
    crowd = Crowd(site)
    headers = {"X_RateLimit_Limit": "100", "X_RateLimit_Remaining": "7", "Set_Cookie": "session"}
    site.route("GET", "/thing", lambda _: json_answer({}, **headers))
    caller = crowd.caller()
    ask(caller)
    caller.close()
    reported = crowd.look().reported
    assert reported is not None
    assert reported.headers == {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "7"}


def test_what_a_site_repeats_of_us_in_its_headers_is_not_kept(site: FakeSite) -> None:
    crowd = Crowd(site)
    caller = crowd.caller()
    login = Credential(LOGIN.credential.type, LOGIN.credential.values)  # known from here on
    said = auth_headers(login)["Authorization"]
    echo = {
        "X-RateLimit-Limit": said,
        "RateLimit-Policy": said.encode().hex(),
        "X-RateLimit-Reset": "\x9b31m2",
    }
    site.route("GET", "/thing", lambda _: Answer(b"{}", headers=echo))
    ask(caller)
    caller.close()
    reported = crowd.look().reported
    assert reported is not None
    assert reported.headers == {
        "X-RateLimit-Limit": f"Basic {REDACTED}",
        "RateLimit-Policy": f"{b'Basic '.hex()}{REDACTED}",
        "X-RateLimit-Reset": "31m2",
    }


class SilentBucket(ProcessBucket):
    """Answers so many times."""

    def __init__(self, answers: int) -> None:
        super().__init__()
        self.answers = answers

    def change(self, step: Step[T]) -> T:
        self.answers -= 1
        if self.answers < 0:
            raise RetryableError(
                "INTERNAL", "The table of budgets does not answer. Try again later."
            )
        return super().change(step)


def test_a_refusal_that_cannot_be_told_is_obeyed_by_who_met_it(site: FakeSite) -> None:
    caller = Crowd(site).caller(bucket=SilentBucket(answers=1))
    site.faults = [Answer(b"{}", 429, {"Retry-After": "600"})]
    with pytest.raises(RateLimitedError) as held:
        ask(caller)
    assert held.value.resume_at >= START + timedelta(seconds=600)
    with pytest.raises(RetryableError):  # its lease is over with the refusal
        ask(caller)
    assert len(site.log) == 1


def test_who_waits_for_a_token_keeps_no_other_thread_from_telling_a_refusal() -> None:
    told: list[bool] = []

    def sleep(seconds: float) -> None:
        until = time.now() + timedelta(seconds=1)
        telling = threading.Thread(
            target=spender.refused, args=(until, "http-429"), kwargs={"slow_down": False}
        )
        telling.daemon = True
        telling.start()
        telling.join(timeout=10)
        told.append(not telling.is_alive())
        time.clock().sleep(seconds)

    time = FakeClock()
    spender = Spender(ProcessBucket(), Limits(1, 1), clock=replace(time.clock(), sleep=sleep))
    spender.take()
    with pytest.raises(RateLimitedError):  # each look at the clock brings another refusal
        spender.take()
    assert told and all(told)


def test_a_cancel_ends_the_wait_for_a_token(site: FakeSite) -> None:
    crowd = Crowd(site, Limits(0.1, 1))
    caller = crowd.caller()
    ask(caller)
    with pytest.raises(FatalError) as cancelled:
        caller.fetch_json(THING, Any, a_context(cancelled=lambda: crowd.time.slept > 1))
    assert cancelled.value.code == "CANCELLED" and len(site.log) == 1


def test_a_vendor_that_names_a_thousand_years_is_asked_again_tomorrow(site: FakeSite) -> None:
    crowd = Crowd(site)
    site.faults = [Answer(b"{}", 429, {"Retry-After": "31536000000"})]
    with pytest.raises(RateLimitedError) as held:
        ask(crowd.caller())
    assert held.value.resume_at <= datetime(2026, 3, 3, 9, 40, 1, tzinfo=UTC)
