"""What a census finds that the reading could not: it asks by another way."""

from __future__ import annotations

from typing import Any

import pytest

from inlet_sdk.testing.fake_site import Answer
from inlet_worker.sources.jira.census import comments
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from ..deleting_jira import DeletingJira
from ..fake_jira import API, MINUTE
from ..landed_table import FAR, LandedTable, an_order, census, codes
from ..readings import changed, ids, rows_of

ISSUES, COMMENTS, WORKLOGS = "jira.issues", "jira.comments", "jira.worklogs"


def read_owed(jira: JiraEndpoint, unit: str, state: Any, **policy: Any) -> list[dict[str, Any]]:
    """The rows of a run whose cursor is beyond all changes."""
    cursor = {"position": FAR, "census": {"source": dict(state)}}
    return [dict(row) for row in rows_of(changed(jira, unit, cursor, **policy))]


@pytest.mark.parametrize(("unit", "row"), [(ISSUES, "4"), (COMMENTS, "4000"), (WORKLOGS, "4")])
def test_a_version_behind_the_cursor_is_found_and_read(
    site: DeletingJira, jira: JiraEndpoint, unit: str, row: str
) -> None:
    landed = LandedTable.of(jira, unit)
    before = landed.rows[row]["updated"]
    site.issues[4]["updated"] += MINUTE
    site.issues[4]["comments"] = [site.comment(4000, site.issues[4]["updated"])]
    site.worklogs[4]["updated"] += MINUTE

    report = census(jira, unit, landed, deletes="ignore")
    assert codes(report) == ["CENSUS_MISMATCH"]
    (again,) = [r for r in read_owed(jira, unit, report.state) if r["id"] == row]
    assert again["updated"] > before


def test_a_comment_that_bumped_no_issue_is_found(site: DeletingJira, jira: JiraEndpoint) -> None:
    landed = LandedTable.of(jira, COMMENTS)
    site.issues[3]["comments"].append(site.comment(3900, site.now))
    report = census(jira, COMMENTS, landed)
    assert codes(report) == ["CENSUS_MISMATCH"] and report.state["reread"] == [3]
    assert "3900" in {row["id"] for row in read_owed(jira, COMMENTS, report.state)}


def test_comments_of_an_issue_that_moved_behind_the_cursor_get_its_new_key(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    """As of an issue that left a hidden project: neither its comments nor their times change."""
    landed = LandedTable.of(jira, COMMENTS)
    site.issues[4] |= {"key": "OPS-4", "project": "OPS"}
    site.issues[4]["fields"]["project"] = {"id": "OPS", "key": "OPS"}
    report = census(jira, COMMENTS, landed)
    assert codes(report) == ["CENSUS_MISMATCH"] and report.state["reread"] == [4]
    again = [r for r in read_owed(jira, COMMENTS, report.state) if r["issueId"] == "4"]
    assert {row["issueKey"] for row in again} == {"OPS-4"}
    landed.rows |= {row["id"]: row for row in again}
    assert codes(census(jira, COMMENTS, landed)) == ["CENSUS_OK"]


@pytest.mark.parametrize("unit", [ISSUES, COMMENTS])
def test_an_issue_that_no_search_shows_is_found_and_read_by_its_id(
    site: DeletingJira, jira: JiraEndpoint, unit: str
) -> None:
    """Search and count leave it out from the very first load."""
    site.unlisted = {4}
    landed = LandedTable.of(jira, unit)
    report = census(jira, unit, landed)
    assert "CENSUS_OK" not in codes(report) and report.state["reread"] == [4]
    assert {row["id"] for row in read_owed(jira, unit, report.state)} & {"4", "4000"}


@pytest.mark.parametrize("unit", [ISSUES, COMMENTS])
def test_rows_of_a_project_whose_key_changed_stay_and_get_the_new_key(
    site: DeletingJira, jira: JiraEndpoint, unit: str
) -> None:
    landed = LandedTable.of(jira, unit)
    for row in landed.rows.values():
        if row["projectId"] == "OPS":
            row.update(key="OLD-1", projectKey="OLD", issueKey="OLD-1")

    report = census(jira, unit, landed)
    assert [debt.code for debt in report.debts] == ["CENSUS_OWED"] and not report.tombstones
    assert "CENSUS_OK" not in codes(report)
    with_comments = [5, 10, 20]
    assert report.state["reread"] == ([5, 10, 15, 20] if unit == ISSUES else with_comments)
    for row in read_owed(jira, unit, report.state):
        landed.rows[row["id"]] = row
    assert codes(census(jira, unit, landed)) == ["CENSUS_OK"]


def test_worklogs_of_a_named_project_that_was_closed_are_found(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    named: dict[str, Any] = {"filters": {"projectKeys": ["OPS"]}}
    landed = LandedTable.of(jira, WORKLOGS)
    landed.rows = {i: row for i, row in landed.rows.items() if int(i) % 5 == 0}
    landed.forget(["10"])
    report = census(jira, WORKLOGS, landed, **named)
    assert codes(report) == ["CENSUS_MISMATCH"] and report.state["reread"] == [10]
    assert [row["id"] for row in read_owed(jira, WORKLOGS, report.state, **named)] == ["10"]


def test_a_worklog_that_the_feed_names_and_no_list_shows_was_not_compared(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    """Whether it is hidden or left out, nothing tells."""
    site.hidden = {"OPS"}
    unseen = sum(site.issues[w["issue"]]["project"] == "OPS" for w in site.worklogs.values())
    landed = LandedTable.of(jira, WORKLOGS)

    report = census(jira, WORKLOGS, landed)
    assert codes(report) == ["CENSUS_UNCOMPARED"]
    assert report.findings[0].message.startswith(f"{unseen} of {len(site.worklogs)} ")


def test_what_cannot_be_asked_for_is_named_and_not_called_ok(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    landed = LandedTable.of(jira, ISSUES)
    site.route("POST", f"{API}/issue/bulkfetch", lambda _: Answer(b"{}", 403))
    assert codes(census(jira, ISSUES, landed)) == ["CENSUS_UNCOMPARED"]


def test_issues_that_are_too_many_to_be_asked_for_are_owed_and_not_called_wrong(
    site: DeletingJira, jira: JiraEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project closes: all around its issues there are others than the last time."""
    for name, value in (("ONE_BY_ONE", 3), ("IN_TURN", 1), ("ASKED_AT_MOST", 2)):
        monkeypatch.setattr(comments, name, value)
    landed = LandedTable.of(jira, COMMENTS)
    state = census(jira, COMMENTS, landed).state
    site.hidden = {"OPS"}

    report = census(jira, COMMENTS, landed, an_order(state=state))
    assert "CENSUS_MISMATCH" not in codes(report)
    assert {"INVISIBLE", "CENSUS_UNCOMPARED"} <= set(codes(report))
    assert report.state["reread"]


def test_of_many_issues_those_whose_neighbours_changed_are_compared_and_the_share_is_said(
    site: DeletingJira, jira: JiraEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue security is lifted from one of them, and nothing of it changes."""
    monkeypatch.setattr(comments, "ONE_BY_ONE", 3)
    monkeypatch.setattr(comments, "IN_TURN", 1)
    site.issues[4]["project"] = "SECRET"
    site.hidden = {"SECRET"}
    landed = LandedTable.of(jira, COMMENTS)
    first = census(jira, COMMENTS, landed)
    assert codes(first) == ["CENSUS_UNCOMPARED"]

    site.issues[4]["project"], site.hidden = "DEMO", set()
    again = census(jira, COMMENTS, landed, an_order(state=first.state))
    assert again.state["reread"] == [4] and "CENSUS_MISMATCH" in codes(again)


def test_an_order_without_a_position_makes_nothing_old(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    landed = LandedTable.of(jira, ISSUES)
    assert codes(census(jira, ISSUES, landed, an_order(position=None))) == ["CENSUS_OK"]
    assert not ids(changed(jira, ISSUES, {"position": FAR}))
