"""Lists of worklogs, and the comments of issues that have many, are asked for several at once, and
handed on in order.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.policy import Policy
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.fake_site import Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import API, EMBEDDED, FakeJira
from .readings import changed, full, rows_of

WORKLOGS, COMMENTS = "jira.worklogs", "jira.comments"
LIST = f"{API}/worklog/list"
OWN = f"{API}/issue/(\\d+)/comment"
PATIENCE_SECONDS = 20.0


def together(answer: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    """The first two requests are answered once both are there; a reader that asks one after the
    other is refused.
    """
    both, first = threading.Barrier(2), iter(range(2))

    def answered(asked: Asked) -> Answer:
        if next(first, None) is not None:
            try:
                both.wait(PATIENCE_SECONDS)
            except threading.BrokenBarrierError:
                return json_answer({}, 403)
        return answer(asked)

    return answered


def talkative(site: FakeJira, *issues: int) -> None:
    for n in issues:
        numbers = range(n * 1000 + 100, n * 1000 + 101 + EMBEDDED)
        site.issues[n]["comments"] = [site.comment(number, site.now) for number in numbers]


def test_worklogs_of_several_pages_are_read_together_and_in_the_feeds_order(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    site.route("POST", LIST, together(site._worklog_list))
    batches = full(jira, WORKLOGS)
    assert len(batches) > 2
    order = sorted((w["updated"], n) for n, w in site.worklogs.items())
    read = list(dict.fromkeys(int(row["id"]) for row in rows_of(batches)))
    assert read == [n for _, n in order]


def test_a_reading_goes_on_behind_any_batch_though_more_was_under_way(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    whole = full(jira, WORKLOGS)
    everything = {row["id"] for row in rows_of(whole)}
    for at, batch in enumerate(whole[:-1]):
        rest = changed(jira, WORKLOGS, None, a_context(WORKLOGS, continuation=batch.resume))
        seen = {row["id"] for row in rows_of(whole[: at + 1])}
        assert seen | {row["id"] for row in rows_of(rest)} == everything


def test_a_list_that_is_refused_stops_at_its_place(jira: JiraEndpoint, site: FakeJira) -> None:
    order = [n for _, n in sorted((w["updated"], n) for n, w in site.worklogs.items())]

    def refused(asked: Asked) -> Answer:
        late = set(order[-3:]) & set(asked.body["ids"])
        return json_answer({}, 403) if late else site._worklog_list(asked)

    site.route("POST", LIST, refused)
    read: list[Any] = []
    with pytest.raises(FatalError) as error:
        for batch in jira.read_full(WORKLOGS, Policy.parse({}), a_context(WORKLOGS, mode="FULL")):
            read.append(batch)
    assert error.value.code == "SOURCE_FORBIDDEN"
    landed = [int(row["id"]) for row in rows_of(read)]
    assert landed and landed == order[: len(landed)]


def test_long_lists_of_comments_are_read_together_and_in_the_issues_order(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    site.issues[6]["comments"] = []
    talkative(site, 1, 2, 4)
    site.route("GET", OWN, together(site._comments))
    rows = rows_of(full(jira, COMMENTS))
    wanted = [c["id"] for n in sorted(site.issues) for c in site.issues[n]["comments"]]
    assert [row["id"] for row in rows] == wanted
    assert all(row["issueId"] == str(int(row["id"]) // 1000) for row in rows)
