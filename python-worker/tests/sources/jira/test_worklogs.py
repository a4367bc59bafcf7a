"""Worklogs follow the feed of changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import API, MINUTE, T0, FakeJira
from .readings import changed, full, ids, rows_of, warnings_of

UNIT = "jira.worklogs"
FEED, LIST = f"{API}/worklog/updated", f"{API}/worklog/list"


def test_an_unchanged_rerun_fetches_no_worklog(jira: JiraEndpoint, site: FakeJira) -> None:
    cursor = full(jira, UNIT)[-1].cursor
    site.log.clear()
    assert rows_of(changed(jira, UNIT, cursor)) == []
    assert site.requests[LIST] == 0 and site.requests[FEED] <= 2


def test_the_cursor_stays_at_the_newest_worklog_seen(jira: JiraEndpoint, site: FakeJira) -> None:
    newest = max(w["updated"] for w in site.worklogs.values())
    cursor = changed(jira, UNIT)[-1].cursor
    assert cursor is not None and cursor["position"] == newest
    # The feed holds back its newest minute: what shows up later lies just behind the cursor's clock
    # time.
    site.worklogs[2] = {"issue": 2, "updated": newest}
    site.worklogs[901] = {"issue": 3, "updated": newest + 1}
    assert ids(changed(jira, UNIT, cursor)) == [2, 901]


def test_hidden_worklogs_are_counted_not_deleted(jira: JiraEndpoint, site: FakeJira) -> None:
    site.hidden = {"OPS"}
    batches = full(jira, UNIT)
    hidden = [n for n, w in site.worklogs.items() if site.issues[w["issue"]]["project"] == "OPS"]
    found = warnings_of(batches)
    assert {(w.code, w.partial) for w in found} == {("PROJECT_FORBIDDEN", False)}
    assert sum(int(w.message.split()[0]) for w in found) == len(hidden) > 0
    assert ids(batches) == sorted(set(site.worklogs) - set(hidden))


def test_a_feed_that_does_not_move_on_ends_with_a_doubt(jira: JiraEndpoint, site: FakeJira) -> None:
    values = [{"worklogId": 2, "updatedTime": T0}]
    page = {"values": values, "lastPage": False, "nextPage": f"{site.url}{FEED}?since={T0}"}
    site.route("GET", FEED, lambda _: json_answer(page))
    context = a_context(UNIT, mode="FULL")
    assert set(ids(full(jira, UNIT, context))) == {2}
    assert context.doubts.take() and site.requests[FEED] <= 3


LINKS = {
    "another site": "https://elsewhere.example/rest/api/3/worklog/updated?since={since}",
    "another scheme and path": "ftp://127.0.0.1/jira/proxy?x=1&since={since}",
    "relative": "?since={since}",
    "of the same page": "{url}/rest/api/3/worklog/updated?since=0",
    "without a time": "https://elsewhere.example/rest/api/3/worklog/updated",
    "a time that is none": "https://elsewhere.example/?since=soon",
    "no address at all": "http://[::1",
}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
@pytest.mark.parametrize("last_page", [False, True, None, "false"])
def test_a_link_is_read_for_its_time_and_never_followed(
    jira: JiraEndpoint, site: FakeJira, link: str, last_page: Any
) -> None:
    feed = site._feed

    def linked(asked: Asked) -> Answer:
        page = json.loads(feed(asked).body)
        if not page["lastPage"]:
            spelled = link.format(since=page["until"], url=site.url)
            usable = "{since}" in link
            page |= {"nextPage": spelled, "lastPage": last_page if usable else False}
        return json_answer(page)

    site.route("GET", FEED, linked)
    assert ids(full(jira, UNIT)) == sorted(site.worklogs)
    assert {asked.headers["Host"] for asked in site.log} == {site.url.partition("//")[2]}


def test_an_edited_old_worklog_comes_again(jira: JiraEndpoint, site: FakeJira) -> None:
    cursor = full(jira, UNIT)[-1].cursor
    site.worklogs[2]["updated"] = T0 + 200 * MINUTE
    assert ids(changed(jira, UNIT, cursor)) == [2]


def test_a_worklog_that_is_left_out_once_is_asked_for_again(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    listed, left_out = site._worklog_list, iter([b'"id": "4"', b"nothing"])

    def fewer(asked: Asked) -> Answer:
        name = next(left_out, b"nothing")
        return json_answer(
            [w for w in json.loads(listed(asked).body) if name not in json.dumps(w).encode()]
        )

    site.route("POST", LIST, fewer)
    site.page_limit = 100
    batches = full(jira, UNIT)
    assert ids(batches) == sorted(site.worklogs) and warnings_of(batches) == []
    assert site.requests[LIST] == 2
