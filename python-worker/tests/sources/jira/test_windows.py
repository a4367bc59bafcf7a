"""Long readings, of which several windows are under way at once: the same rows in the same order as
page by page, whatever the site does meanwhile.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.testing.contexts import LOGIN, a_context
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import API, MINUTE, T0, FakeJira
from .readings import changed, full, rows_of, warnings_of

ISSUES, COMMENTS = "jira.issues", "jira.comments"
SEARCH = f"{API}/search/jql"
MANY = 330
PAGE = 10


class WideJira(FakeJira):
    """Lists five thousand ids a page, and ten whole issues, as Jira does by the hundred. `before`
    is called with each search, and may answer in its place.
    """

    def __init__(self) -> None:
        super().__init__(0)
        self.page_limit = PAGE
        self.now = T0 + 10**9
        self.before: Callable[[Asked], Answer | None] = lambda _: None
        self.lock = threading.Lock()
        for n in range(1, MANY + 1):
            self.add_issue(n, T0 + n * 7 * MINUTE + n)

    def _search(self, asked: Asked) -> Answer:
        with self.lock:
            told = self.before(asked)
            if told is not None:
                return told
            light = set(asked.body["fields"]) <= {"id", "updated"}
            self.page_limit = 5000 if light else PAGE
            try:
                return super()._search(asked)
            finally:
                self.page_limit = PAGE

    def searches(self) -> list[str]:
        return [
            asked.body["jql"]
            for asked in self.log
            if asked.path == SEARCH and "*all" in asked.body["fields"]
        ]

    def windows(self) -> list[str]:
        return [text for text in self.searches() if re.search(r"id <= |updated < ", text)]


@pytest.fixture
def site() -> Iterator[WideJira]:
    with WideJira() as site:
        yield site


@pytest.fixture
def jira(site: WideJira) -> Iterator[JiraEndpoint]:
    source = JiraEndpoint(
        {"baseUrl": site.url}, LOGIN, allow_private_networks=True, clock=FakeClock().clock()
    )
    yield source
    source.close()


READINGS: dict[str, Callable[..., Any]] = {"in full": full, "by change": changed}


def in_order_of(site: WideJira, how: str) -> list[str]:
    order = sorted(site.visible(), key=site._by_change) if how == "by change" else site.visible()
    return [str(n) for n in order]


@pytest.mark.parametrize("how", READINGS)
def test_windows_give_the_same_rows_in_the_same_order(
    jira: JiraEndpoint, site: WideJira, how: str
) -> None:
    rows = rows_of(READINGS[how](jira, ISSUES))
    assert list(dict.fromkeys(row["id"] for row in rows)) == in_order_of(site, how)
    assert {row["id"]: row["_raw"] for row in rows} == site.truth()[ISSUES]
    assert len(site.windows()) >= 20
    assert len(site.searches()) <= MANY / PAGE * 1.2 + 5
    if how == "in full":
        assert len(rows) == MANY


@pytest.mark.parametrize("how", READINGS)
def test_a_reading_goes_on_after_any_of_its_slices(
    jira: JiraEndpoint, site: WideJira, how: str
) -> None:
    slices = READINGS[how](jira, ISSUES)
    for cut in (1, 4, 11, len(slices) - 2):
        mode = "FULL" if how == "in full" else "INCREMENTAL"
        context = a_context(ISSUES, mode=mode, continuation=slices[cut].resume)
        if how == "in full":
            rest = full(jira, ISSUES, context)
        else:
            rest = changed(jira, ISSUES, None, context)
        seen = {row["id"] for row in rows_of([*slices[: cut + 1], *rest])}
        assert seen == set(site.truth()[ISSUES])
        assert rest[-1].cursor is not None


@pytest.mark.parametrize("how", READINGS)
def test_what_changes_or_goes_while_windows_are_read_is_read_as_it_is_then(
    jira: JiraEndpoint, site: WideJira, how: str
) -> None:
    """Issues behind the reading change, come, and are deleted while the windows are under way."""
    changes = iter(range(60, MANY, 9))

    def meddle(asked: Asked) -> None:
        n = next(changes, None) if "*all" in asked.body["fields"] else None
        if n is None:
            return
        if n % 2:
            site.touch(n, site.now + 1)
        else:
            del site.issues[n]

    site.before = meddle
    first = READINGS[how](jira, ISSUES)
    site.before = lambda _: None
    again = changed(jira, ISSUES, first[-1].cursor)
    seen = {row["id"]: row["_raw"] for row in rows_of([*first, *again])}
    truth = site.truth()[ISSUES]
    assert {id_: seen.get(id_) for id_ in truth} == truth
    assert warnings_of([*first, *again]) == []


@pytest.mark.parametrize("how", READINGS)
@pytest.mark.parametrize("lie", ["empty", "half", "other", "error", "unasked"])
def test_a_window_that_contradicts_the_list_is_read_by_the_chain_of_pages(
    jira: JiraEndpoint, site: WideJira, how: str, lie: str
) -> None:
    """Some of the windows lie each time that they are asked for; the chain of pages does not."""

    def answer(asked: Asked) -> Answer | None:
        text = asked.body["jql"]
        bound = re.search(r"(?:id > |updated >= )(\d+) AND (?:id <= |updated < )(\d+)", text)
        if not bound or "*all" not in asked.body["fields"] or int(bound[1]) // 10 % 3:
            return None
        if lie == "empty":
            return json_answer({"issues": [], "isLast": True})
        if lie == "half":
            return json_answer({"issues": [], "isLast": False})
        if lie == "other":
            rows = site.issues and site._issue(MANY, ["*all"])
            return Answer(b'{"issues":[%b],"isLast":true}' % rows)
        if lie == "error":
            return json_answer({"issues": [], "isLast": True, "errorMessages": ["index"]})
        asked.body["jql"] = re.sub(r" AND (?:id <= |updated < )\d+", "", text)
        return None

    site.before = answer
    slices = READINGS[how](jira, ISSUES)
    rows = rows_of(slices)
    assert {row["id"]: row["_raw"] for row in rows} == site.truth()[ISSUES]
    assert warnings_of(slices) == [] and slices[-1].cursor is not None


@pytest.mark.parametrize("how", READINGS)
def test_a_site_that_refuses_windows_is_read_page_by_page(
    jira: JiraEndpoint, site: WideJira, how: str
) -> None:
    def refuse(asked: Asked) -> Answer | None:
        if re.search(r"id <= |updated < ", asked.body["jql"]):
            return json_answer({"errorMessages": ["no such operator"]}, 400)
        return None

    site.before = refuse
    rows = rows_of(READINGS[how](jira, ISSUES))
    assert {row["id"]: row["_raw"] for row in rows} == site.truth()[ISSUES]


@pytest.mark.parametrize("how", READINGS)
def test_a_site_whose_lists_of_ids_are_short_is_read_page_by_page(
    jira: JiraEndpoint, site: WideJira, how: str
) -> None:
    def short(asked: Asked) -> Answer | None:
        asked.body["maxResults"] = min(PAGE, asked.body["maxResults"])
        return None

    site.before = short
    rows = rows_of(READINGS[how](jira, ISSUES))
    assert {row["id"]: row["_raw"] for row in rows} == site.truth()[ISSUES]
    assert site.windows() == []


def test_a_list_of_ids_that_leaves_some_out_costs_no_rows(
    jira: JiraEndpoint, site: WideJira
) -> None:
    def holes(asked: Asked) -> Answer | None:
        if asked.body["fields"] != ["id"]:
            return None
        shown = [n for n in site.rows(asked.body["jql"]) or [] if n % 7]
        issues = b",".join(site._issue(n, ["id"]) for n in shown)
        return Answer(b'{"issues":[%b],"isLast":true}' % issues)

    site.before = holes
    rows = rows_of(full(jira, ISSUES))
    assert [row["id"] for row in rows] == in_order_of(site, "in full")
    assert len(site.windows()) >= 20


def test_a_minute_of_many_changes_is_read_whole(jira: JiraEndpoint, site: WideJira) -> None:
    for n in range(100, 300):
        site.issues[n]["updated"] = T0 + 100 * 7 * MINUTE + n % 50
    rows = rows_of(changed(jira, ISSUES))
    assert {row["id"]: row["_raw"] for row in rows} == site.truth()[ISSUES]


def test_a_project_that_closes_while_windows_are_read_is_told(
    jira: JiraEndpoint, site: WideJira
) -> None:
    asked_for = iter(range(1000))

    def close(asked: Asked) -> None:
        if next(asked_for) == 12:
            site.hidden.add("OPS")

    site.before = close
    slices = full(jira, ISSUES, filters={"projectKeys": ["DEMO", "OPS"]})
    assert [warning.code for warning in warnings_of(slices)] == ["PROJECT_FORBIDDEN"]
    seen = {row["id"] for row in rows_of(slices)}
    assert set(site.truth()[ISSUES]) <= seen


def test_a_cancel_ends_the_windows(jira: JiraEndpoint, site: WideJira) -> None:
    context = a_context(ISSUES, mode="FULL", cancelled=lambda: len(site.windows()) >= 5)
    with pytest.raises(FatalError) as cancelled:
        full(jira, ISSUES, context)
    assert cancelled.value.code == "CANCELLED"
    assert len(site.windows()) <= 5 + 24


def test_a_short_listing_asks_no_more_than_its_pages(jira: JiraEndpoint, site: WideJira) -> None:
    for n in range(31, MANY + 1):
        del site.issues[n]
    assert len(rows_of(full(jira, ISSUES))) == 30
    assert len(site.searches()) == 3 and site.windows() == []


def test_requests_and_bytes_of_all_threads_are_counted(jira: JiraEndpoint, site: WideJira) -> None:
    context = a_context(ISSUES, mode="FULL")
    full(jira, ISSUES, context)
    assert context.progress.requests == len(site.log)
    assert context.progress.pages <= len(site.searches())
    assert context.progress.bytes > MANY * 100


def test_comments_hang_on_windows_too(jira: JiraEndpoint, site: WideJira) -> None:
    rows = rows_of(full(jira, COMMENTS))
    assert {row["id"] for row in rows} == set(site.truth()[COMMENTS])
