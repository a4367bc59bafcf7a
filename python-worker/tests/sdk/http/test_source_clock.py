from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inlet_sdk.http.columns import epoch_ms
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import Request
from inlet_sdk.http.retry import Clock
from inlet_sdk.http.source_clock import CUT, SourceClock
from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import Answer, Asked, FakeSite, json_answer

NOW = datetime(2026, 3, 2, 9, 40, tzinfo=UTC)


def earlier(*answers: dict[str, str]) -> datetime:
    clock = SourceClock()
    for headers in answers:
        clock.saw(headers, NOW)
    return clock.earlier(NOW + timedelta(minutes=1))


def test_a_source_that_is_behind_holds_us_back_and_goes_on_with_our_clock() -> None:
    assert earlier({"Date": "Mon, 02 Mar 2026 09:30:00 GMT"}) == NOW - timedelta(minutes=9) + CUT


def test_a_source_that_is_ahead_takes_us_nowhere() -> None:
    assert earlier({"Date": "Mon, 02 Mar 2026 11:00:00 GMT"}) == NOW + timedelta(minutes=1)


def test_the_slowest_node_of_a_site_counts() -> None:
    slow, right = "Mon, 02 Mar 2026 09:35:00 GMT", "Mon, 02 Mar 2026 09:40:00 GMT"
    assert earlier({"Date": slow}, {"Date": right}) == NOW - timedelta(minutes=4) + CUT


def test_an_answer_out_of_a_cache_is_as_old_as_it_says() -> None:
    kept = {"Date": "Mon, 02 Mar 2026 09:30:00 GMT", "Age": "600"}
    assert earlier(kept) == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Date": ""}, {"Date": "yesterday"}, {"Date": "Mon, 02 Mar 99999 09:30:00 GMT"}],
)
def test_an_answer_without_a_date_tells_nothing(headers: dict[str, str]) -> None:
    assert earlier(headers) == NOW + timedelta(minutes=1)


def test_a_slow_answer_is_not_taken_for_a_slow_clock(site: FakeSite, time: FakeClock) -> None:
    """Its body comes half a minute after it was dated, and the source's clock is ours."""

    def slowly(_: Asked) -> Answer:
        time.slept += 30
        return json_answer({})

    site.route("GET", "/slow", slowly)
    clock = Clock(now=lambda: datetime.now(UTC) + timedelta(seconds=time.slept))
    http = HttpEndpoint(site.url, LOGIN, allow_private_networks=True, clock=clock)
    http.fetch_json(Request("/slow"), dict)
    assert http.time_ms(NOW) == epoch_ms(NOW)
