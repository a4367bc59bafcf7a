"""Filters are pushed to Jira; a project it hides makes the run partial, and the others go on."""

from __future__ import annotations

from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.testing.contexts import LOGIN
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import API, FakeJira
from .readings import changed, full, ids, rows_of, warnings_of

PER_PROJECT = ("jira.issues", "jira.comments", "jira.worklogs")
OPS = {"projectKeys": ["OPS"]}
BOTH = {"projectKeys": ["OPS", "DEMO"]}


def of_project(site: FakeJira, key: str) -> dict[str, dict[str, str]]:
    others = {issue["project"] for issue in site.issues.values()} - {key}
    hidden, site.hidden = site.hidden, others
    truth = site.truth()
    site.hidden = hidden
    return truth


@pytest.mark.parametrize("unit", PER_PROJECT)
def test_a_filter_reads_the_named_projects_only(
    jira: JiraEndpoint, site: FakeJira, unit: str
) -> None:
    truth = of_project(site, "OPS")[unit]
    for batches in (full(jira, unit, filters=OPS), changed(jira, unit, filters=OPS)):
        assert ids(batches) == sorted(map(int, truth))
        assert warnings_of(batches) == []


def test_the_projects_unit_follows_the_filter(jira: JiraEndpoint) -> None:
    assert [row["key"] for row in rows_of(full(jira, "jira.projects", filters=OPS))] == ["OPS"]


def test_the_endpoints_own_projects_bound_every_unit(site: FakeJira, time: FakeClock) -> None:
    config = {"baseUrl": site.url, "projectKeys": ["OPS"]}
    jira = JiraEndpoint(config, LOGIN, allow_private_networks=True, clock=time.clock())
    assert ids(full(jira, "jira.issues")) == sorted(
        map(int, of_project(site, "OPS")["jira.issues"])
    )
    with pytest.raises(FatalError) as refused:
        full(jira, "jira.issues", filters=BOTH)
    assert refused.value.code == "CONFIG_INVALID"


@pytest.mark.parametrize("unit", [*PER_PROJECT, "jira.projects"])
def test_a_hidden_project_is_a_warning_and_the_others_go_on(
    jira: JiraEndpoint, site: FakeJira, unit: str
) -> None:
    site.hidden = {"DEMO"}
    batches = full(jira, unit, filters=BOTH)
    (warning,) = [w for w in warnings_of(batches) if w.partial]
    assert warning.code == "PROJECT_FORBIDDEN" and "DEMO" in warning.message
    key = "key" if unit == "jira.projects" else "id"
    assert sorted(row[key] for row in rows_of(batches)) == sorted(of_project(site, "OPS")[unit])


@pytest.mark.parametrize("unit", [*PER_PROJECT, "jira.projects"])
def test_hidden_projects_alone_yield_an_empty_partial_batch(
    jira: JiraEndpoint, site: FakeJira, unit: str
) -> None:
    site.hidden = {"DEMO", "OPS"}
    batches = full(jira, unit, filters=BOTH)
    assert rows_of(batches) == []
    assert sum(w.partial for w in warnings_of(batches)) == 2


@pytest.mark.parametrize("policy", [{}, {"filters": BOTH}], ids=["no filter", "both named"])
@pytest.mark.parametrize("unit", ["jira.issues", "jira.comments"])
def test_a_project_closed_to_searches_alone_is_left_out(
    jira: JiraEndpoint, site: FakeJira, unit: str, policy: dict[str, Any]
) -> None:
    """Listed, but every search that would show one of its issues is a 403."""
    search = site._search

    def refuse(asked: Asked) -> Answer:
        answer = search(asked)
        return json_answer({}, 403) if b"DEMO-" in answer.body else answer

    site.route("POST", f"{API}/search/jql", refuse)
    for batches in (full(jira, unit, **policy), changed(jira, unit, **policy)):
        assert [(w.code, w.partial) for w in warnings_of(batches)] == [("PROJECT_FORBIDDEN", True)]
        assert ids(batches) == sorted(map(int, of_project(site, "OPS")[unit]))


def test_a_project_hidden_in_the_middle_of_a_read_is_left_out_from_there(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    search, pages = site._search, iter(range(100))

    def hide_after_two(asked: Asked) -> Answer:
        if next(pages) == 2:
            site.hidden = {"DEMO"}
        return search(asked)

    site.route("POST", f"{API}/search/jql", hide_after_two)
    batches = changed(jira, "jira.issues", filters=BOTH)
    assert [w.code for w in warnings_of(batches)] == ["PROJECT_FORBIDDEN"]
    read = ids(batches)
    assert len(read) == len(set(read))
    assert set(read) >= set(map(int, of_project(site, "OPS")["jira.issues"]))


def test_a_refusal_that_no_project_explains_ends_the_run(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    search = site._search

    def refuse_paging(asked: Asked) -> Answer:
        return json_answer({}, 400) if "nextPageToken" in asked.body else search(asked)

    site.route("POST", f"{API}/search/jql", refuse_paging)
    with pytest.raises(FatalError) as failed:
        changed(jira, "jira.issues", filters=BOTH)
    assert failed.value.code == "VALIDATION_ERROR"
