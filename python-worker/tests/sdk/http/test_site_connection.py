"""One attempt: where it goes, what of an answer is read, and when a connection is good again."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.http.body import AnswerTooLarge
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.http.request import HttpLimits, Request
from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import Answer, FakeSite, json_answer, self_signed

from .endpoints import an_endpoint


def test_an_answer_beyond_the_cap_is_dropped(site: FakeSite, time: FakeClock) -> None:
    site.faults = [Answer(b'"' + b"x" * 3_000_000 + b'"')]
    with pytest.raises(AnswerTooLarge):
        an_endpoint(site, time, limits=HttpLimits(max_bytes=1_000_000)).fetch_json(
            Request("/thing"), Any
        )
    assert len(site.log) == 1


def test_a_connection_is_good_again_after_a_dropped_answer(site: FakeSite, time: FakeClock) -> None:
    site.faults = [Answer(b'"' + b"x" * 3_000_000 + b'"')]
    http = an_endpoint(site, time, limits=HttpLimits(max_bytes=1_000_000))
    with pytest.raises(AnswerTooLarge):
        http.fetch_json(Request("/thing"), Any)
    assert http.fetch_json(Request("/thing"), Any)["auth"]


def test_a_compressed_answer_is_read_and_a_cut_one_asked_for_again(
    site: FakeSite, time: FakeClock
) -> None:
    packed = gzip.compress(b'{"a":"' + b"x" * 9000 + b'"}')
    headers = {"Content-Encoding": "gzip"}
    site.faults = [
        Answer(packed[:-20], headers=headers),
        Answer(packed, headers=headers, cut=True),
        Answer(packed, headers=headers),
    ]
    assert len(an_endpoint(site, time).fetch_json(Request("/thing"), Any)["a"]) == 9000


def test_a_compressed_answer_counts_as_what_it_unpacks_to(site: FakeSite, time: FakeClock) -> None:
    site.faults = [Answer(gzip.compress(b" " * 50_000_000), headers={"Content-Encoding": "gzip"})]
    with pytest.raises(AnswerTooLarge):
        an_endpoint(site, time, limits=HttpLimits(max_bytes=1_000_000)).fetch_json(
            Request("/thing"), Any
        )


def test_a_site_that_cannot_prove_its_name_gets_no_credentials(
    tmp_path: Path, time: FakeClock
) -> None:
    with FakeSite(tls=self_signed(tmp_path)) as site:
        http = an_endpoint(site, time)
        with pytest.raises(FatalError) as failed:
            http.fetch_json(Request("/thing"), Any)
        assert failed.value.code == "SOURCE_CERTIFICATE_INVALID"
        assert site.log == []


def test_a_dead_port_names_the_field(time: FakeClock) -> None:
    with FakeSite() as site:
        url = site.url
    http = HttpEndpoint(url, LOGIN, allow_private_networks=True, clock=time.clock())
    with pytest.raises(FatalError) as failed:
        http.fetch_json(Request("/thing"), Any)
    assert failed.value.code == "SOURCE_REFUSED"
    assert failed.value.details["field"] == "baseUrl"


def test_a_next_page_on_another_site_gets_no_credentials(site: FakeSite, time: FakeClock) -> None:
    with FakeSite() as other, pytest.raises(FatalError) as refused:
        an_endpoint(site, time).fetch_json(Request(other.url + "/thing"), Any)
    assert refused.value.code == "UNEXPECTED_RESPONSE"
    assert other.log == []


def test_a_next_page_of_the_same_site_is_followed_with_its_query(
    site: FakeSite, time: FakeClock
) -> None:
    an_endpoint(site, time).fetch_json(Request(f"{site.url}/thing?since=5"), Any)
    assert site.log[0].query == {"since": "5"}


def test_a_body_is_sent_as_json(site: FakeSite, time: FakeClock) -> None:
    site.route("POST", "/echo", lambda asked: json_answer(asked.body))
    sent = {"ids": [1, 2], "text": "ä"}
    assert an_endpoint(site, time).fetch_json(Request("/echo", "POST", body=sent), Any) == sent
