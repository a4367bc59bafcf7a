"""What was set aside or discarded is no mismatch: the census says that it did not compare it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inlet_worker.sources.jira.endpoint import JiraEndpoint

from ..deleting_jira import DeletingJira
from ..landed_table import LandedTable, an_order, census, codes

UNITS = [("jira.issues", "4"), ("jira.comments", "4000"), ("jira.worklogs", "4")]


@pytest.mark.parametrize(("unit", "row"), UNITS)
@pytest.mark.parametrize("has_landed", [False, True], ids=["never landed", "an older version"])
def test_a_record_apart_is_neither_missing_nor_owed(
    site: DeletingJira, jira: JiraEndpoint, unit: str, row: str, has_landed: bool
) -> None:
    landed = LandedTable.of(jira, unit)
    if has_landed:
        landed.rows[row]["updated"] -= timedelta(hours=1)
    else:
        landed.forget([row])
    assert codes(census(jira, unit, landed)) == ["CENSUS_MISMATCH"]

    report = census(jira, unit, landed, an_order(apart=frozenset({row, "#7", "a key"})))
    assert codes(report) == ["CENSUS_UNCOMPARED"] and "reread" not in report.state
    assert not report.tombstones


def test_a_long_list_of_comments_with_one_apart_is_compared(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    site.issues[3]["comments"] = [site.comment(3000 + n, site.now) for n in range(30)]
    landed = LandedTable.of(jira, "jira.comments")
    landed.forget(["3029"])
    report = census(jira, "jira.comments", landed, an_order(apart=frozenset({"3029"})))
    assert codes(report) == ["CENSUS_UNCOMPARED"]
    landed.forget(["3028"])
    report = census(jira, "jira.comments", landed, an_order(apart=frozenset({"3029"})))
    assert "CENSUS_MISMATCH" in codes(report) and report.state["reread"] == [3]


@pytest.mark.parametrize(
    ("unit", "row", "key"),
    [("jira.issues", "4", "projectKey"), ("jira.comments", "4000", "issueKey")],
)
def test_a_record_apart_is_owed_no_new_key_of_its_project(
    site: DeletingJira, jira: JiraEndpoint, unit: str, row: str, key: str
) -> None:
    landed = LandedTable.of(jira, unit)
    landed.rows[row][key] = "OLD-4" if unit == "jira.comments" else "OLD"
    assert [debt.code for debt in census(jira, unit, landed).debts] == ["CENSUS_OWED"]
    report = census(jira, unit, landed, an_order(apart=frozenset({row})))
    assert not report.debts and "reread" not in report.state
