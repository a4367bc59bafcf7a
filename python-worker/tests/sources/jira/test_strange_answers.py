"""Whatever a site answers, only an IngestError leaves the source."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from inlet_sdk.errors import IngestError
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import API, FakeJira
from .readings import changed, full, ids, rows_of

STRANGE: list[Any] = [
    None,
    [],
    {},
    7,
    "text",
    [7, None, "x", [], {}],
    [{"id": None, "accountId": 5, "name": []}],
    {"values": 7, "issues": 7, "comments": 7},
    {
        "values": [7, None, {}],
        "issues": [7, None, {}],
        "comments": [7, {}],
        "lastPage": True,
        "isLast": True,
    },
    {
        "values": [{"key": None, "worklogId": 10**30}],
        "issues": [{"id": "x", "fields": []}],
        "isLast": True,
    },
    {
        "issues": [{"id": "1", "key": "K", "fields": {"updated": 5, "comment": 7, "status": [1]}}],
        "isLast": True,
    },
    {
        "issues": [
            {"id": "1", "key": "K", "fields": {"comment": {"comments": [1, {}], "total": 9}}}
        ],
        "isLast": True,
    },
]
PATHS = [
    "search/jql",
    r"issue/\d+/comment",
    "worklog/updated",
    "worklog/list",
    "users/search",
    "project/search",
    "field",
    "status",
    "myself",
    "serverInfo",
]


@pytest.mark.parametrize("path", PATHS)
def test_only_typed_errors_leave_the_source(jira: JiraEndpoint, site: FakeJira, path: str) -> None:
    for value in STRANGE:
        for method in ("GET", "POST"):
            site.route(method, f"{API}/{path}", lambda _, v=value: json_answer(v))
        attempts = [jira.test, jira.collect, *(_reads(jira))]
        for attempt in attempts:
            try:
                attempt()
            except IngestError as e:
                assert re.search(r"\.$", e.message)


def _reads(jira: JiraEndpoint) -> list[Any]:
    units = ("jira.projects", "jira.issues", "jira.users", "jira.comments", "jira.worklogs")
    scoped = {"filters": {"projectKeys": ["OPS"]}}
    return [
        *(lambda u=u: full(jira, u) for u in units),
        *(lambda u=u: full(jira, u, **scoped) for u in units if u != "jira.users"),
        *(lambda u=u: changed(jira, u) for u in ("jira.issues", "jira.comments", "jira.worklogs")),
    ]


def test_text_that_is_not_json_is_typed_too(jira: JiraEndpoint, site: FakeJira) -> None:
    for body in (b"", b"\xff\xfe", b"[" * 100_000):
        site.route("POST", f"{API}/search/jql", lambda _, b=body: Answer(b))
        with pytest.raises(IngestError):
            changed(jira, "jira.issues")


def test_an_issue_nested_too_deep_is_set_aside_and_the_others_land(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    search = site._search

    def deep(asked: Asked) -> Answer:
        answer = search(asked)
        value = b"[" * 5000 + b"]" * 5000
        return replace(answer, body=answer.body.replace(b'"Issue 3"', value))

    site.route("POST", f"{API}/search/jql", deep)
    for batches in (full(jira, "jira.issues"), changed(jira, "jira.issues")):
        assert ids(batches) == [n for n in site.issues if n != 3]
        (aside,) = [record for batch in batches for record in batch.quarantined]
        assert aside.code == "RECORD_INVALID" and "[" * 5000 in aside.raw
        assert aside.key == "3" and "nested too deep" in aside.reason


@pytest.mark.parametrize("many", [False, True], ids=["embedded", "of its own list"])
def test_one_comment_nested_too_deep_costs_no_other_of_its_issue(
    jira: JiraEndpoint, site: FakeJira, many: bool
) -> None:
    number = 6 if many else 5
    comments = site.issues[number]["comments"]
    odd = comments[1]["id"]
    comments[1] = {**comments[1], "body": "DEEP"}
    value = b'{"type":' * 5000 + b"1" + b"}" * 5000

    def deep(answer: Answer) -> Answer:
        return replace(answer, body=answer.body.replace(b'"DEEP"', value))

    search, listed = site._search, site._comments
    site.route("POST", f"{API}/search/jql", lambda asked: deep(search(asked)))
    site.route("GET", f"{API}/issue/(\\d+)/comment", lambda asked: deep(listed(asked)))
    batches = full(jira, "jira.comments")
    every = {int(c["id"]) for issue in site.issues.values() for c in issue["comments"]}
    assert set(ids(batches)) == every - {int(odd)}
    (aside,) = [record for batch in batches for record in batch.quarantined]
    assert "nested too deep" in aside.reason and f'"id": "{odd}"' in aside.raw


def test_one_odd_person_nested_too_deep_costs_nobody_else(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    users = site._users
    site.users[3] = {**site.users[3], "displayName": "DEEP"}
    value = b"[" * 50_000 + b"]" * 50_000

    def deep(asked: Asked) -> Answer:
        answer = users(asked)
        return replace(answer, body=answer.body.replace(b'"DEEP"', value))

    site.route("GET", f"{API}/users/search", deep)
    batches = full(jira, "jira.users")
    assert len(rows_of(batches)) == len(site.users) - 1
    assert sum(len(batch.quarantined) for batch in batches) >= 1


@pytest.mark.parametrize(
    "entry",
    [None, 7, {}, {"worklogId": "x", "updatedTime": 1}, {"worklogId": 2**63, "updatedTime": 1}],
)
def test_one_odd_entry_of_the_feed_of_worklogs_costs_no_other(
    jira: JiraEndpoint, site: FakeJira, entry: Any
) -> None:
    feed, every = site._feed, {int(n) for n in site.worklogs}

    def odd(asked: Asked) -> Answer:
        page = json.loads(feed(asked).body)
        return json_answer({**page, "values": [entry, *page["values"]]})

    site.route("GET", f"{API}/worklog/updated", odd)
    context = a_context("jira.worklogs", mode="FULL")
    assert set(ids(full(jira, "jira.worklogs", context))) == every
    assert any("name no worklog" in told for told in context.doubts.take())
