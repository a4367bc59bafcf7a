"""Comments come with their issues; only long lists cost a call of their own."""

from __future__ import annotations

from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import API, FakeJira
from .readings import changed, full, ids, rows_of, warnings_of

UNIT = "jira.comments"


def test_a_comment_knows_its_issue_and_a_missing_author_is_no_author(jira: JiraEndpoint) -> None:
    rows = {row["id"]: row for row in rows_of(full(jira, UNIT))}
    assert rows["2000"]["issueId"] == "2" and rows["2000"]["issueKey"] == "DEMO-2"
    assert rows["2000"]["authorAccountId"] == "account-5"
    assert "authorAccountId" not in rows["2001"]


def test_only_the_issue_with_a_cut_list_is_asked_for_its_own(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    full(jira, UNIT)
    asked = [path for path in site.requests if path.endswith("/comment")]
    assert asked == [f"{API}/issue/6/comment"]


def test_a_change_of_one_issue_costs_two_requests(jira: JiraEndpoint, site: FakeJira) -> None:
    cursor = changed(jira, UNIT)[-1].cursor
    site.issues[4]["comments"].append(site.comment(4999, site.now))
    site.touch(4)
    site.log.clear()
    batches = changed(jira, UNIT, cursor)
    assert ids(batches) == sorted(int(c["id"]) for c in site.issues[4]["comments"])
    assert len(site.log) <= 2


def test_a_list_that_changes_while_paged_is_read_again(jira: JiraEndpoint, site: FakeJira) -> None:
    comments, calls = site._comments, iter(range(100))

    def shrink_once(asked: Asked) -> Answer:
        if next(calls) == 2:
            del site.issues[6]["comments"][0]  # the later ones move up: one of them is skipped
        return comments(asked)

    site.route("GET", f"{API}/issue/(\\d+)/comment", shrink_once)
    read = {row["id"] for row in rows_of(full(jira, UNIT)) if row["issueId"] == "6"}
    assert read == {c["id"] for c in site.issues[6]["comments"]}


def test_an_issue_gone_while_its_comments_are_read_stops_nothing(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    for status in (404, 403):
        site.route("GET", f"{API}/issue/(\\d+)/comment", lambda _, s=status: json_answer({}, s))
        batches = full(jira, UNIT)
        assert [w.partial for w in warnings_of(batches)] == [True]
        assert len(rows_of(batches)) == len(site.truth()[UNIT]) - 23
