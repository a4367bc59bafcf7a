"""Whatever a site answers, only an IngestError leaves the source."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from inlet_sdk.errors import IngestError
from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import API, FakeJira
from .readings import changed, full, ids

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
