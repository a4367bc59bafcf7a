"""Whatever path a reading takes, what it knows against its own completeness is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inlet_sdk.ports.source_endpoint import SourceBatch
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import API, T0, FakeJira
from .readings import changed, full, rows_of, warnings_of

ISSUES, COMMENTS, WORKLOGS = UNITS = ("jira.issues", "jira.comments", "jira.worklogs")
BOTH = {"projectKeys": ["DEMO", "OPS"]}
SEARCH, LIST = f"{API}/search/jql", f"{API}/worklog/list"
LATER = 10**10

Path = Callable[[JiraEndpoint, str, dict[str, Any]], list[SourceBatch]]


def owing(**source: Any) -> dict[str, Any]:
    """A cursor past everything, with what is owed."""
    return {"position": T0 + LATER, "census": {"source": source}}


def from_the_middle(jira: JiraEndpoint, unit: str, policy: dict[str, Any]) -> list[SourceBatch]:
    """A slice that goes on where another one was cut, before the site changed."""
    filters = {"filters": BOTH} if "filters" in policy else {}
    first = changed(jira, unit, None, None, **filters)[0]
    return changed(jira, unit, None, a_context(unit, continuation=first.resume), **policy)


PATHS: dict[str, Path] = {
    "in full": lambda jira, unit, policy: full(jira, unit, **policy),
    "from the beginning": lambda jira, unit, policy: changed(jira, unit, **policy),
    "with nothing new": lambda jira, unit, policy: changed(jira, unit, owing(), **policy),
    "records owed": lambda jira, unit, policy: changed(
        jira, unit, owing(reread=[2, 4, 10]), **policy
    ),
    "a time owed": lambda jira, unit, policy: changed(
        jira, unit, owing(owed=[{"since": 0, "after": 0, "keys": None}]), **policy
    ),
    "in the middle": from_the_middle,
}
READS_NOTHING = "with nothing new"


def heavy(batches: list[SourceBatch]) -> set[str]:
    return {warning.code for warning in warnings_of(batches) if warning.partial}


def truncated(site: FakeJira) -> None:
    """Every search says that it left something out."""
    search = site._search

    def warned(asked: Asked) -> Answer:
        found = search(asked)
        if found.status != 200:
            return found
        return Answer(found.body[:-1] + b',"warnings":["Some were left out."]}')

    site.route("POST", SEARCH, warned)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_named_project_that_is_hidden_is_told_on_every_path(
    jira: JiraEndpoint, site: FakeJira, unit: str, path: str
) -> None:
    site.hidden = {"OPS"}
    told = warnings_of(PATHS[path](jira, unit, {"filters": BOTH}))
    assert any(w.partial and w.code == "PROJECT_FORBIDDEN" and "OPS" in w.message for w in told)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_search_that_leaves_out_is_told_on_every_path(
    jira: JiraEndpoint, site: FakeJira, unit: str, path: str
) -> None:
    """Worklogs are searched for only where projects are named and some changed."""
    truncated(site)
    batches = PATHS[path](jira, unit, {"filters": BOTH})
    searched = unit != WORKLOGS or path != READS_NOTHING
    assert ("UNEXPECTED_RESPONSE" in heavy(batches)) == searched


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_project_closed_to_searches_is_told_on_every_path(
    jira: JiraEndpoint, site: FakeJira, unit: str, path: str
) -> None:
    """Listed among the projects, and refused by each search that would show an issue of it."""
    search = site._search

    def refuse(asked: Asked) -> Answer:
        answer = search(asked)
        shows = b'"key":"OPS-' in answer.body or '("OPS")' in asked.body["jql"]
        return json_answer({}, 403) if shows else answer

    site.route("POST", SEARCH, refuse)
    batches = PATHS[path](jira, unit, {"filters": BOTH})
    assert ("PROJECT_FORBIDDEN" in heavy(batches)) == (path != READS_NOTHING)


def test_worklogs_that_a_census_saw_and_that_hide_again_are_missing(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    """The feed names hidden worklogs day by day, which is no news; but these were seen."""
    site.hidden = {"OPS"}
    assert heavy(changed(jira, WORKLOGS, owing(reread=[10, 20]))) == {"PROJECT_FORBIDDEN"}
    assert heavy(changed(jira, WORKLOGS)) == set()


def test_worklogs_of_issues_that_cannot_be_read_are_missing(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    """Without the issue nothing says whether the worklog is of a named project."""
    search = site._search

    def broken(asked: Asked) -> Answer:
        return Answer(search(asked).body.replace(b'"id":"2",', b'"id":null,'))

    site.route("POST", SEARCH, broken)
    for path in ("from the beginning", "records owed", "in full"):
        batches = PATHS[path](jira, WORKLOGS, {"filters": BOTH})
        assert "UNEXPECTED_RESPONSE" in heavy(batches)


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("path", ["in full", "from the beginning", "records owed"])
def test_an_issue_that_hides_its_comments_is_told_and_read_again(
    jira: JiraEndpoint, site: FakeJira, path: str, status: int
) -> None:
    """404 is no proof that the issue is gone. Once it answers, its comments are there."""
    site.route("GET", f"{API}/issue/(\\d+)/comment", lambda _: json_answer({}, status))
    if path == "records owed":
        batches = changed(jira, COMMENTS, owing(reread=[6]))
    else:
        batches = PATHS[path](jira, COMMENTS, {})
    assert heavy(batches) == {"PROJECT_FORBIDDEN"}

    site.route("GET", f"{API}/issue/(\\d+)/comment", site._comments)
    again = changed(jira, COMMENTS, batches[-1].cursor)
    assert {row["id"] for row in rows_of(again)} == {c["id"] for c in site.issues[6]["comments"]}
    assert heavy(again) == set()
    assert rows_of(changed(jira, COMMENTS, again[-1].cursor)) == []


def test_what_an_earlier_slice_could_not_read_is_owed_by_the_last_cursor(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    site.route("GET", f"{API}/issue/(\\d+)/comment", lambda _: json_answer({}, 404))
    for read in (full, changed):
        batches = read(jira, COMMENTS)
        at = next(n for n, one in enumerate(batches) if heavy([one]))
        mode: Any = "FULL" if read is full else "INCREMENTAL"
        on = a_context(COMMENTS, mode=mode, continuation=batches[at].resume)
        rest = read(jira, COMMENTS, context=on)
        assert rest[-1].cursor is not None
        assert rest[-1].cursor["census"]["source"]["reread"] == [6]
