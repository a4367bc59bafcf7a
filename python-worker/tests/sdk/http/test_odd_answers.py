"""What a proxy or one bad node answers in the site's place is asked again; a refusal that hides in
a good answer is a refusal.
"""

from __future__ import annotations

from typing import Any

import pytest

from inlet_sdk.errors import FatalError, IngestError, RateLimitedError
from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request
from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import HTML, Answer, FakeSite, json_answer

from .endpoints import an_endpoint

REDIRECT = json_answer({}, 302, Location="http://169.254.169.254/")
ONCE_ODD = {
    "401": json_answer({}, 401),
    "a login page": HTML,
    "a redirect to a login": REDIRECT,
    "another shape": json_answer([1]),
    "an object of errors": json_answer({"errorMessages": ["Something went wrong"], "errors": {}}),
    "a message": json_answer({"message": None, "status": 1}),
    "204": Answer(b"", 204),
    "an empty body": Answer(b""),
    "null": Answer(b"null"),
}


@pytest.mark.parametrize("fault", ONCE_ODD.values(), ids=ONCE_ODD)
def test_what_is_odd_once_is_asked_again(site: FakeSite, time: FakeClock, fault: Answer) -> None:
    site.faults = [fault]
    got = an_endpoint(site, time).fetch_json(Request("/thing"), dict[str, str])
    assert got["auth"].startswith("Basic ")
    assert len(site.log) == 2 and time.slept > 0


ALWAYS_ODD = {
    "401": (json_answer({}, 401), "AUTH_ERROR", 2),
    "a login page": (HTML, "UNEXPECTED_RESPONSE", 3),
    "a redirect": (REDIRECT, "UNEXPECTED_RESPONSE", 3),
    "another shape": (json_answer([1]), "UNEXPECTED_RESPONSE", 3),
    "204": (Answer(b"", 204), "UNEXPECTED_RESPONSE", 5),
}


@pytest.mark.parametrize(("fault", "code", "asked"), ALWAYS_ODD.values(), ids=ALWAYS_ODD)
def test_what_stays_odd_is_told_and_no_retry_meets_it_again(
    site: FakeSite, time: FakeClock, fault: Answer, code: str, asked: int
) -> None:
    site.faults = [fault] * 20
    with pytest.raises(FatalError) as refused:
        an_endpoint(site, time).fetch_json(Request("/thing"), dict[str, str])
    assert refused.value.code == code and not refused.value.retryable
    assert len(site.log) == asked


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"errorMessages": ["The index is being rebuilt."]}, "The index is being rebuilt"),
        ({"errors": {"jql": "too long"}}, "too long"),
        ({"message": "Site \n  suspended", "status": 1}, "Site suspended"),
        ({"error": {"message": "x" * 5000}}, "xxxx"),
    ],
)
def test_a_refusal_in_a_good_answer_is_told_in_the_vendors_words(
    site: FakeSite, time: FakeClock, body: dict[str, Any], words: str
) -> None:
    site.faults = [json_answer(body)] * 3
    with pytest.raises(FatalError) as refused:
        an_endpoint(site, time).fetch_json(Request("/thing"), list[int])
    assert refused.value.code == "UNEXPECTED_RESPONSE"
    assert words in refused.value.message and len(refused.value.message) < 400


def test_a_refusal_that_quotes_the_credential_shows_nothing_of_it(
    site: FakeSite, time: FakeClock
) -> None:
    login = StaticCredential(Credential("bearer", {"token": "quoted-token-77"}))
    site.faults = [json_answer({"message": "no such token: quoted-token-77"})] * 3
    with pytest.raises(FatalError) as refused:
        an_endpoint(site, time, login).fetch_json(Request("/thing"), list[int])
    assert "no such token" in refused.value.message
    assert "quoted-token-77" not in str(refused.value)


class Guarded(HttpEndpoint):
    def login_refused(self, answer: HttpAnswer) -> str | None:
        return answer.headers.get("X-Nobody")


def test_a_connector_says_how_its_vendor_answers_strangers(site: FakeSite, time: FakeClock) -> None:
    http = Guarded(site.url, LOGIN, allow_private_networks=True, clock=time.clock())
    site.faults = [json_answer({"auth": "nobody"}, X_Nobody="EXPIRED")]
    assert http.fetch_json(Request("/thing"), dict[str, str])["auth"] != "nobody"
    site.faults = [json_answer({"auth": "nobody"}, X_Nobody="EXPIRED")] * 2
    with pytest.raises(FatalError) as refused:
        http.fetch_json(Request("/thing"), Any)
    assert refused.value.code == "AUTH_ERROR" and "EXPIRED" in refused.value.message


BODY = '{"auth":"é😀"}'
FORMS = {
    "a mark of UTF-8": BODY.encode("utf-8-sig"),
    "UTF-16": BODY.encode("utf-16"),
    "UTF-16, the other way round": b"\xfe\xff" + BODY.encode("utf-16-be"),
    "UTF-32": BODY.encode("utf-32"),
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_a_byte_order_mark_is_no_part_of_the_json(
    site: FakeSite, time: FakeClock, body: bytes
) -> None:
    site.faults = [Answer(body)]
    assert an_endpoint(site, time).fetch_json(Request("/thing"), Any) == {"auth": "é😀"}
    assert len(site.log) == 1


def test_a_mark_that_lies_is_no_text(site: FakeSite, time: FakeClock) -> None:
    site.faults = [Answer(b"\xff\xfe\x00")] * 5
    with pytest.raises(IngestError) as refused:
        an_endpoint(site, time).fetch_json(Request("/thing"), Any)
    assert refused.value.code == "UNEXPECTED_RESPONSE"


UNUSABLE = {
    "no seconds": "0",
    "a past date": "Wed, 21 Oct 2015 07:28:00 GMT",
    "a date that no calendar has": "Wed, 99 Oct 99999 07:28:00 GMT",
    "garbage": "soon",
    "a negative number": "-5",
    "nothing": "",
}


@pytest.mark.parametrize("value", UNUSABLE.values(), ids=UNUSABLE)
def test_a_refusal_without_a_usable_time_waits_a_second_and_more_each_time(
    site: FakeSite, value: str
) -> None:
    for chance in (0.0, 0.999):
        time = FakeClock()
        site.faults = [Answer(b"{}", 429, {"Retry-After": value})] * 5
        site.log.clear()
        http = HttpEndpoint(site.url, LOGIN, allow_private_networks=True, clock=time.clock(chance))
        with pytest.raises(RateLimitedError) as limited:
            http.fetch_json(Request("/thing"), Any)
        assert len(site.log) == 5 and time.slept >= 1 + 2 + 4 + 8
        assert (limited.value.resume_at - time.now()).total_seconds() >= 30


def test_a_wait_longer_than_a_day_is_a_day(site: FakeSite, time: FakeClock) -> None:
    site.faults = [Answer(b"{}", 429, {"Retry-After": "9" * 400})]
    with pytest.raises(RateLimitedError) as limited:
        an_endpoint(site, time).fetch_json(Request("/thing"), Any)
    assert (limited.value.resume_at - time.now()).total_seconds() == 86_400


def test_a_503_that_says_come_back_at_once_is_a_site_that_is_down(
    site: FakeSite, time: FakeClock
) -> None:
    site.faults = [Answer(b"{}", 503, {"Retry-After": "0"})] * 5
    with pytest.raises(IngestError) as down:
        an_endpoint(site, time).fetch_json(Request("/thing"), Any)
    assert (down.value.code, down.value.retryable) == ("SOURCE_UNAVAILABLE", True)
    assert time.slept > 2
