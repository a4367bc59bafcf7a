"""Every listing that Jira has, read in a way that contradicts itself: all rows came, or the run
hears of it. Whoever adds a listing adds it here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from inlet_sdk.errors import IngestError
from inlet_sdk.http.request import HttpLimits
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.testing.contexts import LOGIN, a_context
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from inlet_worker.sources.jira.scope import ProjectScope
from inlet_worker.sources.jira.worklog_feed import feed_pages

from .fake_jira import API, FakeJira
from .readings import changed, full, rows_of

Read = Callable[[JiraEndpoint, IngestionContext], Any]
Page = dict[str, Any]


def unit(name: str, *, filtered: bool = False) -> Read:
    def read(jira: JiraEndpoint, context: IngestionContext) -> Any:
        policy = {"filters": {"projectKeys": ["DEMO", "OPS"]}} if filtered else {}
        return {
            row.get("id") or row["accountId"]
            for row in rows_of(full(jira, name, context, **policy))
        }

    return read


def changes(name: str) -> Read:
    def read(jira: JiraEndpoint, context: IngestionContext) -> Any:
        return {row["id"] for row in rows_of(changed(jira, name, None, context))}

    return read


def roster(jira: JiraEndpoint, context: IngestionContext) -> Any:
    return set(ProjectScope(jira, None, context).names())


def deletions(jira: JiraEndpoint, context: IngestionContext) -> Any:
    return {w.worklogId for page in feed_pages(jira, "deleted", 0, context) for w in page.items}


# name -> (method, path, how it is read, the member that holds its records)
LISTINGS: dict[str, tuple[str, str, Read, str]] = {
    "issues by id": ("POST", "search/jql", unit("jira.issues"), "issues"),
    "issues by change": ("POST", "search/jql", changes("jira.issues"), "issues"),
    "issues with comments": ("POST", "search/jql", unit("jira.comments"), "issues"),
    "issues of worklogs": ("POST", "search/jql", unit("jira.worklogs", filtered=True), "issues"),
    "comments of an issue": ("GET", r"issue/(\d+)/comment", unit("jira.comments"), "comments"),
    "changed worklogs": ("GET", "worklog/updated", unit("jira.worklogs"), "values"),
    "deleted worklogs": ("GET", "worklog/deleted", deletions, "values"),
    "projects": ("GET", "project/search", unit("jira.projects"), "values"),
    "projects of a scope": ("GET", "project/search", roster, "values"),
    "named projects": ("GET", "project/search", unit("jira.issues", filtered=True), "values"),
    "users": ("GET", "users/search", unit("jira.users"), ""),
}


def cut(page: Page, records: str) -> Page:
    """The first page, with nothing that leads to the next one or marks an end, but a total."""
    return {records: page[records], "startAt": 0, "total": 1000}


def ended(page: Page, records: str) -> Page:
    return {**page, "isLast": True, "lastPage": True}


def never_ended(page: Page, records: str) -> Page:
    bare = {k: v for k, v in page.items() if k not in ("nextPageToken", "nextPage", "total")}
    return {**bare, "isLast": False, "lastPage": False}


def in_error(page: Page, records: str) -> Page:
    return {**page, "errorMessages": ["One shard did not answer."]}


def emptied(page: Page, records: str) -> Page:
    return {**page, records: [], "total": 1000}


def odd_marks(page: Page, records: str) -> Page:
    last = page.get("isLast", page.get("lastPage"))
    return {**page, "isLast": str(last).lower(), "lastPage": str(last).lower(), "total": "many"}


CONTRADICTIONS = [cut, ended, never_ended, in_error, emptied, odd_marks]


@pytest.mark.parametrize("contradiction", CONTRADICTIONS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("listing", LISTINGS)
def test_what_contradicts_itself_is_whole_or_the_run_hears_of_it(
    jira: JiraEndpoint, site: FakeJira, listing: str, contradiction: Any
) -> None:
    method, path, read, records = LISTINGS[listing]
    site.route("GET", f"{API}/worklog/deleted", site._feed)
    site.page_limit = 3
    whole = read(jira, a_context(mode="FULL"))
    usual = next(
        route
        for way, pattern, route in site.routes
        if way == method and pattern.pattern == f"{API}/{path}"
    )

    def odd(asked: Asked) -> Answer:
        page = json.loads(usual(asked).body)
        return json_answer(contradiction(page, records) if isinstance(page, dict) else page)

    site.route(method, f"{API}/{path}", odd)
    site.log.clear()
    context = a_context(mode="FULL")
    try:
        found = read(jira, context)
    except IngestError as e:
        assert not e.retryable
        return
    assert found == whole or context.doubts.take()
    assert len(site.log) < 200


@pytest.mark.parametrize("window", [0, 3, 6])
def test_users_beyond_an_empty_window_land(jira: JiraEndpoint, site: FakeJira, window: int) -> None:
    users = site._users
    site.page_limit = 3

    def holed(asked: Asked) -> Answer:
        start = int(asked.query["startAt"])
        return json_answer([]) if window <= start < window + 3 else users(asked)

    site.route("GET", f"{API}/users/search", holed)
    context = a_context("jira.users", mode="FULL")
    landed = {row["accountId"] for row in rows_of(full(jira, "jira.users", context))}
    wanted = {
        user["accountId"] for n, user in enumerate(site.users) if not window <= n < window + 3
    }
    assert landed == wanted or context.doubts.take()


def test_an_unchanged_listing_costs_one_request_more_at_most(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    site.page_limit = 100
    for name, asked in (("jira.users", 3), ("jira.projects", 2), ("jira.worklogs", 2)):
        site.log.clear()
        full(jira, name)
        assert len(site.log) <= asked


def test_a_listing_of_comments_that_is_read_again_and_whole_is_no_doubt(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    comments, asked = site._comments, iter(range(100))

    def odd_once(asked_for: Asked) -> Answer:
        page = json.loads(comments(asked_for).body)
        return json_answer({**page, "total": 900} if next(asked) == 0 else page)

    site.route("GET", f"{API}/issue/(\\d+)/comment", odd_once)
    context = a_context("jira.comments", mode="FULL")
    assert len(rows_of(full(jira, "jira.comments", context))) == len(site.truth()["jira.comments"])
    assert context.doubts.take() == ()


@pytest.mark.parametrize(
    ("name", "most_bytes"), [("jira.users", 400), ("jira.comments", 4000), ("jira.worklogs", 900)]
)
def test_pages_too_large_to_hold_are_halved_in_every_reader(
    jira: JiraEndpoint, site: FakeJira, time: FakeClock, name: str, most_bytes: int
) -> None:
    site.page_limit = 100
    site.issues[6]["comments"] = [site.comment(6000 + n, site.now) for n in range(60)]
    whole = sorted(str(row["_raw"]) for row in rows_of(full(jira, name)))
    usual = len(site.log)

    limited = JiraEndpoint(
        {"baseUrl": site.url},
        LOGIN,
        allow_private_networks=True,
        clock=time.clock(),
        limits=HttpLimits(max_bytes=most_bytes),
    )
    assert sorted(str(row["_raw"]) for row in rows_of(full(limited, name))) == whole
    assert len(site.log) > 2 * usual + 1
