from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.ports.policy import Policy
from inlet_sdk.testing.contexts import LOGIN, a_context
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import HTML, Answer, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from inlet_worker.sources.jira.identity import ACCESSIBLE, TENANT_INFO, site_address

from .fake_jira import API, FakeJira

CLOUD = "11223344-a1b2-3b33-c444-def123456789"
SERVER = f"{API}/serverInfo"


@pytest.fixture
def site() -> Iterator[FakeJira]:
    with FakeJira() as site:
        site.route("GET", TENANT_INFO, lambda _: json_answer({"cloudId": CLOUD.upper()}))
        site.route("GET", SERVER, lambda _: json_answer({"baseUrl": "https://one.example/"}))
        yield site


def an_endpoint(site: FakeJira, time: FakeClock, login: Any = LOGIN, **config: Any) -> JiraEndpoint:
    given = {"baseUrl": site.url, **config}
    return JiraEndpoint(given, login, allow_private_networks=True, clock=time.clock())


def asked(site: FakeJira) -> list[str]:
    return [one.path for one in site.log]


def test_a_site_tells_both_ids_at_first_and_then_costs_one_request(
    site: FakeJira, time: FakeClock
) -> None:
    jira = an_endpoint(site, time)
    both = jira.system({})
    assert both == {"cloudId": CLOUD, "baseUrl": "one.example"}
    assert list(both) == ["cloudId", "baseUrl"] and len(asked(site)) == 2

    context = a_context("jira.issues")
    assert jira.system(both, context) == {"cloudId": CLOUD}
    assert asked(site)[2:] == [TENANT_INFO] and context.progress.requests == 1


@pytest.mark.parametrize(
    "answer",
    [
        *(json_answer({}, status) for status in (301, 401, 403, 404, 429, 500, 503)),
        HTML,
        Answer(b"\xff"),
        Answer(reset=True),
        json_answer([]),
        json_answer({}),
        json_answer({"cloudId": 7}),
        json_answer({"cloudId": ""}),
        json_answer({"cloudId": "<script>"}),
    ],
)
def test_whatever_the_undocumented_route_answers_the_address_stands_in_at_once(
    site: FakeJira, time: FakeClock, answer: Answer
) -> None:
    jira = an_endpoint(site, time)
    known = jira.system({})
    site.log.clear()
    site.route("GET", TENANT_INFO, lambda _: answer)
    assert jira.system(known) == {"baseUrl": "one.example"}
    assert asked(site) == [TENANT_INFO, SERVER] and time.slept == 0.0


def test_a_site_that_told_only_its_address_is_asked_for_that(
    site: FakeJira, time: FakeClock
) -> None:
    jira = an_endpoint(site, time)
    assert jira.system({"baseUrl": "one.example"}) == {"baseUrl": "one.example"}
    assert asked(site) == [SERVER]


def test_nobody_tells_anything(site: FakeJira, time: FakeClock) -> None:
    jira = an_endpoint(site, time)
    for route in (TENANT_INFO, SERVER):
        site.route("GET", route, lambda _: json_answer({}, 403))
    assert jira.system({}) == {} and jira.system({"baseUrl": "one.example"}) == {}


def test_where_its_word_is_needed_a_site_that_stumbles_is_asked_again(
    site: FakeJira, time: FakeClock
) -> None:
    jira = an_endpoint(site, time)
    site.route("GET", TENANT_INFO, lambda _: json_answer({}, 503))
    answers = [json_answer({}, 503), json_answer({"baseUrl": "https://one.example"})]
    site.route("GET", SERVER, lambda _: answers.pop(0))
    assert jira.system({"cloudId": CLOUD, "baseUrl": "one.example"}) == {"baseUrl": "one.example"}

    site.route("GET", SERVER, lambda _: json_answer({}, 503))
    assert jira.system({"cloudId": CLOUD}) == {} == jira.system({})


def test_the_gateway_and_the_site_are_one(site: FakeJira, time: FakeClock) -> None:
    by_site = an_endpoint(site, time).system({})
    site.log.clear()
    gateway = an_endpoint(site, time, cloudId=CLOUD.upper(), gatewayUrl=site.url)
    assert gateway.system(by_site) == {"cloudId": CLOUD} and asked(site) == []


def test_behind_the_gateway_a_known_address_is_asked_for(site: FakeJira, time: FakeClock) -> None:
    server = json_answer({"baseUrl": "https://ONE.example:443"})
    site.route("GET", f"/ex/jira/{CLOUD}{SERVER}", lambda _: server)
    gateway = an_endpoint(site, time, cloudId=CLOUD, gatewayUrl=site.url)
    assert gateway.system({"baseUrl": "one.example"}) == {"baseUrl": "one.example"}


def test_an_oauth_token_lists_its_sites(site: FakeJira, time: FakeClock) -> None:
    listed = [
        {"id": "other", "url": "https://other.example"},
        {"id": CLOUD, "url": f"{site.url}/"},
    ]
    site.route("GET", ACCESSIBLE, lambda _: json_answer(listed))
    login = StaticCredential(Credential("oauth2", {"accessToken": "at-1"}))
    jira = an_endpoint(site, time, login, gatewayUrl=site.url)
    assert jira.system({"cloudId": CLOUD}) == {"cloudId": CLOUD} and asked(site) == [ACCESSIBLE]


def test_a_collection_names_the_same_site(site: FakeJira, time: FakeClock) -> None:
    assert an_endpoint(site, time).collect().source_system["siteId"] == CLOUD
    site.route("GET", TENANT_INFO, lambda _: json_answer({}, 404))
    assert an_endpoint(site, time).collect().source_system["siteId"] == "one.example"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://One.Example/", "one.example"),
        ("http://one.example:80", "one.example"),
        ("https://one.example:8443/jira/", "one.example:8443/jira"),
        ("http://127.0.0.1:4711", "127.0.0.1"),
        ("http://localhost:1/jira", "localhost/jira"),
        ("one.example", None),
        ("https://", None),
        ("https://one.example:port", None),
        ("ftp://one.example", None),
        (None, None),
        (7, None),
    ],
)
def test_an_address_tells_sites_apart_in_one_spelling(url: Any, address: str | None) -> None:
    assert site_address(url) == address


def test_the_scope_is_that_of_filters_and_config(site: FakeJira, time: FakeClock) -> None:
    filtered = Policy.parse({"filters": {"projectKeys": ["ops", "DEMO"]}})
    assert an_endpoint(site, time).scope("jira.issues", filtered) == ("DEMO", "OPS")
    bound = an_endpoint(site, time, projectKeys=["OPS"])
    assert bound.scope("jira.issues", Policy()) == ("OPS",)
    assert an_endpoint(site, time).scope("jira.issues", Policy()) is None
