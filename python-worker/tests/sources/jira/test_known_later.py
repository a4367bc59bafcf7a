"""Rows that changed, though the record's own text and time did not."""

from __future__ import annotations

from pathlib import Path

import pytest

from inlet_sdk.ports.results import IngestionUnitResult
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import FakeJira
from .landed_copy import LandedCopy

EARLIER = {"id", "key", "summary", "updated"}


def codes(results: list[IngestionUnitResult]) -> set[str]:
    return {one.code for result in results for one in result.evidence}


@pytest.mark.parametrize("full", [True, False], ids=["full", "incremental"])
def test_comments_get_the_new_key_of_an_issue_that_moved(
    site: FakeJira, jira: JiraEndpoint, tmp_path: Path, full: bool
) -> None:
    copy = LandedCopy.of(jira, tmp_path)
    copy.run("jira.comments")
    before = copy.rows("jira.comments")
    site.issues[7] |= {"key": "OPS-7", "project": "OPS"}
    site.touch(7)  # a move is a change of the issue, not of its comments
    copy.run("jira.comments", full=full)

    after = copy.rows("jira.comments")
    moved = {key for key, row in after.items() if row["issueKey"] == "OPS-7"}
    assert moved and {key for key in after if after[key] != before[key]} == moved
    assert all(after[key]["updated"] == before[key]["updated"] for key in moved)
    assert {row["_raw"] for row in after.values()} == {row["_raw"] for row in before.values()}


def test_a_field_that_the_catalogue_learns_is_behind_until_a_full_run_filled_it(
    jira: JiraEndpoint, tmp_path: Path
) -> None:
    copy = LandedCopy.of(jira, tmp_path)
    copy.run("jira.issues", only=EARLIER)
    learnt = copy.run("jira.issues")
    assert "ROWS_BEHIND_SCHEMA" in codes(learnt)
    assert {row.get("customfield_10001") for row in copy.rows("jira.issues").values()} >= {None}

    full = copy.run("jira.issues", full=True)
    assert "ROWS_BEHIND_SCHEMA" not in codes(full) | codes(copy.run("jira.issues"))
    assert {row["customfield_10001"] for row in copy.rows("jira.issues").values()} == {12.5}


def test_a_full_run_of_the_same_site_and_catalogue_lands_no_row(
    jira: JiraEndpoint, tmp_path: Path
) -> None:
    copy = LandedCopy.of(jira, tmp_path)
    for unit in ("jira.issues", "jira.comments"):
        copy.run(unit)
        stats = [result.stats for result in copy.run(unit, full=True)]
        assert sum(one["landed"] for one in stats) == 0 < sum(one["unchanged"] for one in stats)
