"""The HTTP base against a site that misbehaves: every fault ends as a value or as a typed error, in
bounded time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from inlet_sdk.errors import FatalError, IngestError, RateLimitedError, RetryableError
from inlet_sdk.http.auth import Credential
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request
from inlet_sdk.testing.contexts import CANARY, LOGIN, a_context
from inlet_sdk.testing.fake_clock import START, FakeClock
from inlet_sdk.testing.fake_site import HTML, Answer, FakeSite, json_answer

from .endpoints import an_endpoint


def failure(site: FakeSite, time: FakeClock, *faults: Answer, body: Any = None) -> IngestError:
    site.faults = list(faults)
    with pytest.raises(IngestError) as failed:
        an_endpoint(site, time).fetch_json(
            Request("/thing", query={"secret": "in-the-query"}, body=body), Any, a_context()
        )
    shown = f"{failed.value} {failed.value.details} {failed.value.__cause__!r}"
    assert CANARY not in shown and "in-the-query" not in shown and "planted-body" not in shown
    assert failed.value.message.endswith(".")
    return failed.value


PASSING = {
    "503": Answer(b"{}", 503),
    "500 with HTML": Answer(b"<html>", 500, {"Content-Type": "text/html"}),
    "a cut body": Answer(b'{"a":"' + b"x" * 5000 + b'"}', cut=True),
    "a reset": Answer(reset=True),
    "truncated JSON": Answer(b'{"a":'),
    "429 without a time": Answer(b"{}", 429),
    "429 with seconds": Answer(
        b"{}", 429, {"Retry-After": "2", "RateLimit-Reason": "jira-burst-based"}
    ),
    "429 with a reset time": Answer(b"{}", 429, {"X-RateLimit-Reset": "2026-03-02T09:40:05Z"}),
    "503 with Retry-After": Answer(b"{}", 503, {"Retry-After": "1"}),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_passing_trouble_is_sat_out(site: FakeSite, time: FakeClock, fault: Answer) -> None:
    site.faults = [fault] * 4
    context = a_context()
    assert (
        an_endpoint(site, time)
        .fetch_json(Request("/thing"), Any, context)["auth"]
        .startswith("Basic ")
    )
    assert context.progress.requests == 5
    assert context.progress.waited_ms == pytest.approx(time.slept * 1000, abs=20)
    assert time.slept > 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Answer(b"planted-body", 503), "SOURCE_UNAVAILABLE"),
        (Answer(b'{"a":"' + b"x" * 5000, cut=True), "SOURCE_UNAVAILABLE"),
        (Answer(reset=True), "SOURCE_UNAVAILABLE"),
        (Answer(b'{"planted-body":'), "UNEXPECTED_RESPONSE"),
    ],
)
def test_lasting_trouble_is_left_to_the_workflow(
    site: FakeSite, time: FakeClock, fault: Answer, code: str
) -> None:
    error = failure(site, time, *[fault] * 5)
    assert isinstance(error, RetryableError) and error.code == code
    assert len(site.log) == 5


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (json_answer({"m": "planted-body"}, 400), "VALIDATION_ERROR"),
        (json_answer({"m": "planted-body"}, 403), "SOURCE_FORBIDDEN"),
        (json_answer({"m": "planted-body"}, 404), "SOURCE_NOT_FOUND"),
        (json_answer({"m": "planted-body"}, 410), "API_GONE"),
    ],
)
def test_a_wall_is_met_once(site: FakeSite, time: FakeClock, fault: Answer, code: str) -> None:
    error = failure(site, time, fault)
    assert isinstance(error, FatalError) and error.code == code
    assert len(site.log) == 1
    assert time.slept == 0


def test_html_points_at_the_base_url(site: FakeSite, time: FakeClock) -> None:
    error = failure(site, time, *[HTML] * 3)
    assert "HTML" in error.message and "baseUrl" in error.message


@pytest.mark.parametrize(
    ("headers", "resume_after"),
    [
        ({"Retry-After": "31"}, timedelta(seconds=31)),
        ({"Retry-After": "Mon, 02 Mar 2026 09:45:00 GMT"}, timedelta(minutes=5)),
        ({"X-RateLimit-Reset": "2026-03-02T09:50Z"}, timedelta(minutes=10)),
        ({"RateLimit-Reason": "jira-quota-tenant-based"}, timedelta(minutes=20)),
        (
            {
                "RateLimit-Reason": "jira-quota-global-based",
                "X-RateLimit-Reset": "2020-01-01T00:00Z",
            },
            timedelta(minutes=20),
        ),
        (
            {"RateLimit-Reason": "jira-quota-tenant-based", "Retry-After": "1500"},
            timedelta(minutes=25),
        ),
    ],
)
def test_a_long_limit_leaves_with_the_time_to_come_back(
    site: FakeSite, time: FakeClock, headers: dict[str, str], resume_after: timedelta
) -> None:
    error = failure(site, time, Answer(b"{}", 429, headers))
    assert isinstance(error, RateLimitedError)
    assert error.resume_at == START + resume_after
    assert error.reason == headers.get("RateLimit-Reason", "http-429")
    assert time.slept == 0


def test_a_quota_whose_short_waits_do_not_help_waits_for_the_hour(
    site: FakeSite, time: FakeClock
) -> None:
    quota = Answer(b"{}", 429, {"RateLimit-Reason": "jira-quota-tenant-based", "Retry-After": "1"})
    error = failure(site, time, *[quota] * 5)
    assert isinstance(error, RateLimitedError)
    assert error.resume_at == START + timedelta(minutes=20)
    assert len(site.log) == 5


def test_a_named_wait_is_never_cut_short(site: FakeSite) -> None:
    for chance in (0.0, 0.999):
        time = FakeClock()
        site.faults = [Answer(b"{}", 429, {"Retry-After": "10"})]
        http = HttpEndpoint(site.url, LOGIN, allow_private_networks=True, clock=time.clock(chance))
        http.fetch_json(Request("/thing"), Any)
        assert 10 <= time.slept <= 13


def test_a_cancel_ends_a_wait(site: FakeSite, time: FakeClock) -> None:
    site.faults = [Answer(b"{}", 429, {"Retry-After": "20"})]
    context = a_context(cancelled=lambda: time.slept >= 3)
    with pytest.raises(FatalError) as stopped:
        an_endpoint(site, time).fetch_json(Request("/thing"), Any, context)
    assert stopped.value.code == "CANCELLED"
    assert time.slept < 3.5


@dataclass
class Rotating:
    """Credentials whose version moves when asked."""

    versions: list[str]
    asked: list[str] = field(default_factory=list)

    def read(self) -> Credential:
        return Credential("oauth2", {"accessToken": f"token-{self.versions[0]}"}, self.versions[0])

    def force_refresh(self, version_seen: str) -> Credential:
        self.asked.append(version_seen)
        if len(self.versions) > 1:
            self.versions.pop(0)
        return self.read()


def test_a_refused_token_is_refreshed_once_and_used_at_once(
    site: FakeSite, time: FakeClock
) -> None:
    credentials = Rotating(["1", "2"])
    site.faults = [json_answer({}, 401)]
    got = an_endpoint(site, time, credentials).fetch_json(Request("/thing"), Any)
    assert got == {"auth": "Bearer token-2"}
    assert credentials.asked == ["1"]


def test_what_can_be_done_without_is_asked_for_with_the_refreshed_token_too(
    site: FakeSite, time: FakeClock
) -> None:
    credentials = Rotating(["1", "2", "3"])
    site.faults = [json_answer({}, 401)]
    got = an_endpoint(site, time, credentials).ask_once(Request("/thing"), dict[str, str])
    assert got == {"auth": "Bearer token-2"}
    site.faults = [json_answer({}, 401)] * 2
    assert an_endpoint(site, time, credentials).ask_once(Request("/thing"), Any) is None
    assert credentials.asked == ["1", "2"]


def test_a_token_that_ends_while_its_request_waits_is_read_anew(
    site: FakeSite, time: FakeClock
) -> None:
    credentials = Rotating(["1", "2"])

    def ended(seconds: float) -> None:
        time.slept += seconds
        credentials.versions = ["2"]

    clock = replace(time.clock(), sleep=ended)
    site.faults = [Answer(b"{}", 429, {"Retry-After": "10"})]
    http = HttpEndpoint(site.url, credentials, allow_private_networks=True, clock=clock)
    assert http.fetch_json(Request("/thing"), Any) == {"auth": "Bearer token-2"}
    assert credentials.asked == []


def test_a_token_refused_after_its_refresh_is_an_auth_error(
    site: FakeSite, time: FakeClock
) -> None:
    credentials = Rotating(["1", "2", "3"])
    site.faults = [json_answer({}, 401)] * 2
    with pytest.raises(FatalError) as refused:
        an_endpoint(site, time, credentials).fetch_json(Request("/thing"), Any)
    assert refused.value.code == "AUTH_ERROR"
    assert credentials.asked == ["1"]


def test_a_credential_shows_nothing_of_itself() -> None:
    assert CANARY not in repr(LOGIN)


def test_an_answer_of_another_shape_is_a_wall(site: FakeSite, time: FakeClock) -> None:
    with pytest.raises(FatalError) as refused:
        an_endpoint(site, time).fetch_json(Request("/thing"), list[int])
    assert (
        refused.value.code == "UNEXPECTED_RESPONSE" and refused.value.details["field"] == "baseUrl"
    )


def test_an_answer_with_a_lone_surrogate_is_read(site: FakeSite, time: FakeClock) -> None:
    site.faults = [Answer(b'{"s":"\\ud800"}')]
    assert an_endpoint(site, time).fetch_json(Request("/thing"), Any) == {"s": "\ufffd"}
