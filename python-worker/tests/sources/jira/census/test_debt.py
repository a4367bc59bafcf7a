"""What changed while it was hidden is read once it is shown again, whatever ends the reading in
between.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from inlet_sdk.ports.census import CensusReport
from inlet_sdk.ports.source_endpoint import SourceBatch
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.units import debt
from inlet_sdk.units.census.reappeared import Absent, next_state, owed_after
from inlet_sdk.units.change_cursor import MINUTE_MS
from inlet_sdk.units.policy import ReadingPolicy
from inlet_worker.sources.jira.census.issues import WORDS
from inlet_worker.sources.jira.census.site import CensusSite
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from ..deleting_jira import DeletingJira
from ..landed_table import LandedTable, an_order, census, codes
from ..readings import changed, ids, rows_of, warnings_of

ISSUES, COMMENTS, WORKLOGS = "jira.issues", "jira.comments", "jira.worklogs"
LATER = 10**9
OPS = [5, 10, 15, 20]


class Story:
    """Comparisons one after the other, each with the state of the one before."""

    def __init__(self, site: DeletingJira, jira: JiraEndpoint, unit: str = ISSUES) -> None:
        self.site, self.jira, self.unit = site, jira, unit
        self.landed = LandedTable.of(jira, unit)
        self.state: dict[str, Any] = {}
        self.compare()

    def compare(self, **order: Any) -> CensusReport:
        given = {"position": self.site.now, "state": self.state, "deletes": False, **order}
        report = census(self.jira, self.unit, self.landed, an_order(**given), deletes="ignore")
        self.state = dict(report.state)
        return report

    def hide(self, *projects: str) -> CensusReport:
        self.site.hidden = set(projects)
        return self.compare()

    @property
    def cursor(self) -> dict[str, Any]:
        return {"position": self.site.now + LATER, "census": {"source": self.state}}

    def read(self, **context: Any) -> list[SourceBatch]:
        """A reading after which the state is what it says."""
        batches = changed(self.jira, self.unit, self.cursor, a_context(self.unit, **context))
        self.take(batches)
        return batches

    def take(self, batches: Sequence[SourceBatch]) -> None:
        cursor = next((b.cursor for b in reversed(batches) if b.cursor), None) or {}
        self.state |= cursor.get("census", {}).get("source", {})


def test_changes_made_while_hidden_are_owed_said_and_read(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    story = Story(site, jira)
    story.hide("OPS")
    for n in (5, 15):
        site.touch(n)

    shown = story.hide()
    (said,) = shown.debts
    assert (said.code, said.weight) == ("REREAD_OWED", "partial") and said.message.startswith(
        "2 issues changed"
    )
    assert "CENSUS_OK" not in codes(shown)
    assert ids(story.read()) == [5, 15] and not ids(story.read())
    assert not story.compare().debts


def test_projects_hidden_at_different_times_are_each_owed_from_their_own(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    story = Story(site, jira)
    story.hide("OPS")
    site.touch(5)
    site.now += 60 * MINUTE_MS
    site.unlisted = {n for n in site.issues if n not in OPS}
    site.hidden = {"OPS", "DEMO"}
    story.compare()
    site.unlisted = set()
    site.touch(7)
    story.hide()
    assert set(ids(story.read())) == {5, 7}


def test_what_is_hidden_again_before_it_was_read_stays_owed(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    story = Story(site, jira)
    story.hide("OPS")
    site.touch(5)
    story.hide()
    site.now += 60 * MINUTE_MS
    site.hidden = {"OPS"}

    batches = story.read()
    assert not ids(batches) and "PROJECT_FORBIDDEN" in {
        w.code for w in warnings_of(batches) if w.partial
    }
    story.compare()
    story.hide()
    assert set(ids(story.read())) == {5}


def test_a_project_that_shows_more_than_last_time_is_read_again(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    story = Story(site, jira)
    site.unlisted = {5, 10}
    story.compare()
    for n in (5, 10):
        site.touch(n)
    site.unlisted = {10}
    story.compare()
    assert set(ids(story.read())) == {5, 10}  # no list shows 10, and it is read all the same
    site.unlisted = set()
    story.compare()
    assert set(ids(story.read())) == {5, 10}


@pytest.mark.parametrize("unit", [ISSUES, WORKLOGS])
@pytest.mark.parametrize("cut", range(6))
def test_a_reading_that_is_cut_anywhere_goes_on_with_what_is_owed(
    site: DeletingJira, jira: JiraEndpoint, unit: str, cut: int
) -> None:
    story = Story(site, jira, unit)
    story.hide("OPS")
    for n in OPS:
        site.touch(n)
    for worklog in (10, 20):
        site.worklogs[worklog]["updated"] = site.now + worklog
    site.page_limit = 3 if unit == WORKLOGS else 1
    story.hide()

    whole = changed(jira, unit, story.cursor)
    first, owed = whole[: cut + 1], {5, 10, 15, 20} if unit == ISSUES else {10, 20}
    rest = changed(jira, unit, story.cursor, a_context(unit, continuation=first[-1].resume))
    assert owed <= {*ids(first), *ids(rest)}
    story.take(first)  # or it was killed there, and another run begins
    assert owed <= {*ids(first), *ids(story.read())}


def test_a_worklog_that_was_named_while_it_was_hidden_is_asked_for_again(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    story = Story(site, jira, WORKLOGS)
    story.hide("OPS")
    site.now += 1
    site.worklogs[10]["updated"] = site.now

    cursor = changed(jira, WORKLOGS, {"position": site.now - 1})[-1].cursor
    assert cursor is not None and 10 in cursor["boundary"]
    assert [d.code for d in story.hide().debts] == ["REREAD_OWED"]
    again = changed(jira, WORKLOGS, {**cursor, "census": {"source": story.state}})
    assert (
        10 in ids(again)
        and again[-1].cursor is not None
        and again[-1].cursor["census"]["source"]["owed"] == []
    )


def test_more_missing_records_than_a_checkpoint_carries_one_by_one_are_read_all_the_same(
    site: DeletingJira, jira: JiraEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debt, "REREAD_AT_ONCE", 3)
    monkeypatch.setattr(debt, "IDS_PER_QUERY", 2)
    story = Story(site, jira)
    missing = [1, 2, 3, 4, 5, 6, 9, 10, 17]
    story.landed.forget(map(str, missing))

    report = story.compare(position=site.now + LATER)
    assert codes(report) == ["CENSUS_MISMATCH"] and report.state["reread"] == [1, 2, 3]
    owed = [(some["after"], some["until"]) for some in report.state["owed"]]
    assert owed == [(3, 6), (8, 10), (16, 17)]

    batches = story.read()
    assert ids(batches) == missing
    for row in rows_of(batches):
        story.landed.rows[row["id"]] = dict(row)
    assert codes(story.compare(position=site.now + LATER)) == ["CENSUS_OK"]
    assert not story.state.get("owed") and not story.state.get("reread")


def test_a_filter_that_became_narrower_is_obeyed(site: DeletingJira, jira: JiraEndpoint) -> None:
    story = Story(site, jira)
    story.hide("OPS")
    site.touch(5)
    story.hide()
    assert not ids(changed(jira, ISSUES, story.cursor, filters={"projectKeys": ["DEMO"]}))


def test_a_slice_can_be_committed_only_once_it_got_beyond_the_minute_it_began_in(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    at = site.now // MINUTE_MS * MINUTE_MS
    for n in (*range(1, 9), 23):
        site.touch(n, at + (MINUTE_MS if n == 23 else 1))
    site.page_limit = 2
    of_policy = {"overlapMinutes": 1, "trailingHours": 0}
    first, *_ = changed(jira, ISSUES, {"position": at}, **of_policy)
    batches = changed(jira, ISSUES, None, a_context(ISSUES, continuation=first.resume), **of_policy)
    committable = [b.cursor is not None for b in batches]
    assert len(batches) > 3 and committable == [False] * (len(batches) - 1) + [True]


def test_a_checkpoint_of_before_is_understood(site: DeletingJira, jira: JiraEndpoint) -> None:
    story = Story(site, jira)
    story.state = {"position": site.now, "hidden": {"OPS": site.now - MINUTE_MS}, "reread": [3]}
    site.touch(5)
    assert ids(story.read()) == [3]
    assert [d.code for d in story.compare().debts] == ["REREAD_OWED"] and ids(story.read()) == [5]


def test_thousands_of_projects_are_hidden_and_owed_in_few_words_and_few_requests(
    site: DeletingJira, jira: JiraEndpoint
) -> None:
    policy = ReadingPolicy()
    projects: dict[str | None, int] = {f"P{n}": 3 for n in range(2500)}
    first = Absent(an_order(position=site.now), policy, projects)
    hidden = next_state(first, (), (), count=7500).dump()
    assert len(hidden["hidden"]) == 2500 and len(json.dumps(hidden)) < 150_000

    site.log.clear()
    shown = Absent(an_order(position=site.now + LATER, state=hidden), policy, {"P7": 3, "P8": 2})
    context = a_context(ISSUES)
    feed = CensusSite(jira, policy, context).ids
    assert set(shown.shown_again()) == set(hidden["hidden"]) - {"P7"}
    assert owed_after(feed, WORDS, shown, context) == ((), ())
    assert len(site.log) < 150
