"""Worklogs follow the feed of changes."""

from __future__ import annotations

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.testing.fake_site import json_answer
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


def test_a_feed_that_does_not_move_on_is_a_loop(jira: JiraEndpoint, site: FakeJira) -> None:
    values = [{"worklogId": 2, "updatedTime": T0}]
    page = {"values": values, "lastPage": False, "nextPage": f"{site.url}{FEED}?since={T0}"}
    site.route("GET", FEED, lambda _: json_answer(page))
    with pytest.raises(FatalError) as stopped:
        full(jira, UNIT)
    assert stopped.value.code == "PAGINATION_LOOP"


def test_a_feed_that_leads_to_another_site_is_not_followed(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    page = {
        "values": [],
        "lastPage": False,
        "nextPage": "https://elsewhere.example/rest/api/3/worklog/updated",
    }
    site.route("GET", FEED, lambda _: json_answer(page))
    with pytest.raises(FatalError) as stopped:
        full(jira, UNIT)
    assert stopped.value.code == "UNEXPECTED_RESPONSE"


def test_an_edited_old_worklog_comes_again(jira: JiraEndpoint, site: FakeJira) -> None:
    cursor = full(jira, UNIT)[-1].cursor
    site.worklogs[2]["updated"] = T0 + 200 * MINUTE
    assert ids(changed(jira, UNIT, cursor)) == [2]
