"""A bulk read that contradicts itself proves nothing of what it lacks."""

from __future__ import annotations

import pytest

from inlet_sdk.http.request import HttpLimits
from inlet_sdk.testing.contexts import LOGIN, a_context
from inlet_sdk.testing.fake_site import Answer, Asked, FakeSite, json_answer
from inlet_worker.sources.jira.direct_reads import issues_by_id, listed_comments
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from ..fake_jira import API

IDS = list(range(1, 41))


def an_endpoint(site: FakeSite, most_bytes: int = 10**6) -> JiraEndpoint:
    limits = HttpLimits(max_bytes=most_bytes)
    return JiraEndpoint({"baseUrl": site.url}, LOGIN, allow_private_networks=True, limits=limits)


ODD = {
    "a total beyond": {"total": 3},
    "more announced": {"isLast": False},
    "an error": {"errorMessages": ["One shard did not answer."]},
}


@pytest.mark.parametrize("odd", [{}, *ODD.values()], ids=["plain", *ODD])
def test_a_list_of_comments_that_is_not_its_own_count_is_doubted(odd: dict[str, object]) -> None:
    with FakeSite() as site:
        page = {"values": [{"id": "1"}, {"id": "2"}], "total": 2, "isLast": True}
        site.route("POST", f"{API}/comment/list", lambda _: json_answer({**page, **odd}))
        context = a_context()
        assert set(listed_comments(an_endpoint(site), [1, 2, 3], context)) == {1, 2}
        assert bool(context.doubts.take()) == bool(odd)


def test_bulk_reads_too_large_to_hold_are_asked_in_parts() -> None:
    def comments(asked: Asked) -> Answer:
        return json_answer({"values": [{"id": str(n)} for n in asked.body["ids"]]})

    def issues(asked: Asked) -> Answer:
        found = [{"id": n, "key": f"K-{n}", "fields": {}} for n in asked.body["issueIdsOrKeys"]]
        return json_answer({"issues": found, "issueErrors": []})

    with FakeSite() as site:
        site.route("POST", f"{API}/comment/list", comments)
        site.route("POST", f"{API}/issue/bulkfetch", issues)
        small = an_endpoint(site, most_bytes=300)
        assert set(listed_comments(small, IDS, a_context())) == set(IDS)
        found, denied = issues_by_id(small, IDS, ["project"], a_context())
        assert len(found) == len(IDS) and denied == set()


def test_words_beside_the_issues_are_a_doubt() -> None:
    with FakeSite() as site:
        page = {"issues": [], "issueErrors": [], "errorMessages": ["partial"]}
        site.route("POST", f"{API}/issue/bulkfetch", lambda _: json_answer(page))
        context = a_context()
        assert issues_by_id(an_endpoint(site), [1], ["project"], context) == ([], set())
        assert "partial" in context.doubts.take()[0]
