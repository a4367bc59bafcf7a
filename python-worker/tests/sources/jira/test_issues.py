"""Issues land whole, and only what changed lands again."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from inlet_sdk.errors import FatalError, RateLimitedError, RetryableError
from inlet_sdk.http.request import HttpLimits
from inlet_sdk.ports.policy import Policy
from inlet_sdk.testing.contexts import LOGIN, a_context
from inlet_sdk.testing.fake_clock import FakeClock
from inlet_sdk.testing.fake_site import HTML, Answer, Asked, json_answer
from inlet_worker.sources.jira.endpoint import JiraEndpoint

from .fake_jira import API, MINUTE, T0, FakeJira
from .readings import changed, full, ids, rows_of, warnings_of

UNIT = "jira.issues"
SEARCH = f"{API}/search/jql"


def test_a_row_has_typed_columns_and_the_vendors_record(jira: JiraEndpoint, site: FakeJira) -> None:
    row = next(row for row in rows_of(full(jira, UNIT)) if row["id"] == "1")
    assert row["key"] == "DEMO-1"
    assert row["projectKey"] == "DEMO"
    assert (row["statusId"], row["statusName"]) == ("1", "Open")
    assert row["assigneeAccountId"] == "account-1"
    assert row["created"] == datetime.fromtimestamp(T0 / 1000, UTC)
    assert row["updated"] == datetime.fromtimestamp(site.issues[1]["updated"] / 1000, UTC)
    assert row["labels"] == '["a", "b"]'
    assert row["customfield_10001"] == 12.5
    assert set(json.loads(row["_raw"])) == {"id", "key", "fields"}


def test_text_that_is_no_unicode_is_mended_in_columns_only(jira: JiraEndpoint) -> None:
    row = next(row for row in rows_of(full(jira, UNIT)) if row["id"] == "4")
    assert row["summary"] == "odd \ufffd \x00 \U0001f600 \\ud800 4"
    assert row["customfield_10002"] == '{"value": 1000000000000000000000000000000}'
    assert '"odd \\ud800 \\u0000 \\ud83d\\ude00 \\\\ud800 4"' in row["_raw"]


def test_a_record_without_an_id_is_quarantined_and_the_rest_lands(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    issues = b'{"key":"X-1","fields":{}},{"id":"7","key":"X-7","fields":{"summary":"s"}}'
    answer = b'{"issues":[%b],"isLast":true}' % issues
    site.route("POST", SEARCH, lambda _: Answer(answer))
    (batch,) = changed(jira, UNIT)
    assert [row["id"] for row in rows_of([batch])] == ["7"]
    assert [(q.code, q.raw) for q in batch.quarantined] == [
        ("RECORD_INVALID", '{"key":"X-1","fields":{}}')
    ]


def test_a_record_that_is_not_utf8_is_quarantined(jira: JiraEndpoint, site: FakeJira) -> None:
    answer = b'{"issues":[{"id":"7","key":"X-7","fields":{"environment":"\xff"}}],"isLast":true}'
    site.route("POST", SEARCH, lambda _: Answer(answer))
    (batch,) = changed(jira, UNIT)
    assert not batch.rows
    assert batch.quarantined[0].key == "7"


def test_every_query_is_bounded_ordered_and_free_of_time_zones(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    cursor = full(jira, UNIT)[-1].cursor
    changed(jira, UNIT, cursor)
    queries = {asked.body["jql"] for asked in site.log if asked.path == SEARCH}
    since = (max(i["updated"] for i in site.issues.values()) - 5 * MINUTE) // MINUTE * MINUTE
    assert queries == {
        "updated >= 0 ORDER BY updated DESC",
        "id > 0 ORDER BY id ASC",
        "id > 15 ORDER BY id ASC",  # where windows are looked for
        f"updated >= {since} ORDER BY updated ASC, id ASC",
    }


def test_touched_issues_are_all_that_comes_and_cost_few_requests(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    for first in (full(jira, UNIT), changed(jira, UNIT)):
        for n in (3, 9, 21):
            site.touch(n)
        site.log.clear()
        batches = changed(jira, UNIT, first[-1].cursor)
        assert ids(batches) == [3, 9, 21]
        assert site.requests[SEARCH] <= 2
        assert batches[-1].cursor is not None
        assert batches[-1].cursor["position"] == site.now


def test_an_issue_changed_during_a_full_read_comes_with_the_next_incremental(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    batches = jira.read_full(UNIT, Policy(), a_context(UNIT, mode="FULL"))
    first = next(batches)
    site.touch(1)  # already read
    site.touch(22, at=site.now + 60 * MINUTE)  # still to come, and beyond the overlap
    rest = [first, *batches]
    assert ids(rest) == sorted(site.issues)
    assert "1" in {row["id"] for row in rows_of(changed(jira, UNIT, rest[-1].cursor))}


def test_issues_that_move_while_paging_are_read_in_their_new_version(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    # The token counts rows, as a live index does: a row that leaves the front moves all others up
    # by one.
    site.page_limit = 4
    batches = jira.read_incremental(UNIT, None, Policy(), a_context(UNIT))
    read = [next(batches)]
    site.touch(23)
    read += batches
    newest = {row["id"]: row["updated"] for row in rows_of(read)}
    assert len(newest) == len(site.issues)
    assert newest["23"] == datetime.fromtimestamp(site.now / 1000, UTC)


def test_hundreds_in_one_minute_are_read_and_not_read_twice(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    site.page_limit = 50
    for n in range(100, 700):
        site.add_issue(n, T0 + 80 * MINUTE + n % 2)
    batches = changed(jira, UNIT)
    assert ids(batches) == sorted(site.issues)
    middle = batches[len(batches) // 2]
    rest = changed(jira, UNIT, context=a_context(UNIT, continuation=middle.resume))
    assert ids([*batches[: len(batches) // 2 + 1], *rest]) == sorted(site.issues)
    assert rows_of(changed(jira, UNIT, batches[-1].cursor)) == []


def test_an_empty_site_yields_one_batch_and_a_cursor_without_position(time: FakeClock) -> None:
    with FakeJira(issues=0) as site:
        jira = JiraEndpoint(
            {"baseUrl": site.url}, LOGIN, allow_private_networks=True, clock=time.clock()
        )
        for batches in (full(jira, UNIT), changed(jira, UNIT)):
            assert len(batches) == 1 and batches[0].cursor is not None
            assert batches[0].cursor["position"] is None
        site.add_issue(5, T0)
        assert ids(changed(jira, UNIT, full(jira, UNIT)[-1].cursor)) == []
        assert ids(changed(jira, UNIT, batches[0].cursor)) == [5]


def test_a_page_too_large_to_hold_is_asked_for_in_smaller_ones(
    site: FakeJira, time: FakeClock
) -> None:
    site.page_limit = 100
    limits = HttpLimits(max_bytes=3000)
    jira = JiraEndpoint(
        {"baseUrl": site.url}, LOGIN, allow_private_networks=True, clock=time.clock(), limits=limits
    )
    for batches in (full(jira, UNIT), changed(jira, UNIT)):
        assert ids(batches) == sorted(site.issues)
        assert len(batches) > 3


def test_search_out_of_order_loses_nothing_and_is_doubted(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    issues = b'{"id":"7","key":"X-7","fields":{}},{"id":"5","key":"X-5","fields":{}}'
    site.route("POST", SEARCH, lambda _: Answer(b'{"issues":[%b],"isLast":true}' % issues))
    context = a_context(UNIT, mode="FULL")
    assert ids(full(jira, UNIT, context)) == [5, 7]
    assert any("ascending id" in doubt for doubt in context.doubts.take())


def test_a_repeated_page_token_ends_the_read_with_a_doubt(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    page = b'{"issues":[{"id":"7","key":"X-7","fields":{}}],"nextPageToken":"same"}'
    site.route("POST", SEARCH, lambda _: Answer(page))
    context = a_context(UNIT)
    assert set(ids(changed(jira, UNIT, context=context))) == {7}
    assert any("token twice" in doubt for doubt in context.doubts.take())
    assert len(site.log) < 10


def test_a_search_that_admits_missing_issues_makes_the_run_partial(
    jira: JiraEndpoint, site: FakeJira
) -> None:
    site.route(
        "POST", SEARCH, lambda _: Answer(b'{"issues":[],"isLast":true,"warnings":["truncated"]}')
    )
    found = warnings_of(changed(jira, UNIT))
    assert found and all(warning.partial for warning in found)
    assert "truncated" in found[0].message


def test_a_page_token_that_died_is_done_without(jira: JiraEndpoint, site: FakeJira) -> None:
    search, pages = site._search, iter(range(100))

    def forget_once(asked: Asked) -> Answer:
        return json_answer({}, 400) if next(pages) == 3 else search(asked)

    for read in (full, changed):
        pages = iter(range(100))
        site.route("POST", SEARCH, forget_once)
        assert ids(read(jira, UNIT)) == sorted(site.issues)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (json_answer({}, 410), FatalError, "API_GONE"),
        (json_answer({}, 400), FatalError, "VALIDATION_ERROR"),
        (json_answer({}, 403), FatalError, "SOURCE_FORBIDDEN"),
        (HTML, FatalError, "UNEXPECTED_RESPONSE"),
        (json_answer({"total": 5}), FatalError, "UNEXPECTED_RESPONSE"),
        (Answer(b'{"issues":[{"id":'), RetryableError, "UNEXPECTED_RESPONSE"),
        (Answer(b"{}", 429, {"Retry-After": "600"}), RateLimitedError, "RATE_LIMITED"),
    ],
)
def test_a_site_that_answers_otherwise_ends_the_run_with_a_code(
    jira: JiraEndpoint, site: FakeJira, answer: Answer, kind: type[Exception], code: str
) -> None:
    site.route("POST", SEARCH, lambda _: answer)
    with pytest.raises(kind) as failed:
        changed(jira, UNIT)
    assert getattr(failed.value, "code", None) == code


def test_progress_counts_what_was_read(jira: JiraEndpoint, site: FakeJira) -> None:
    reported: list[int] = []
    context = a_context(UNIT, on_progress=lambda progress: reported.append(progress.rows))
    changed(jira, UNIT, context=context)
    assert reported == sorted(reported) and reported[-1] == len(site.issues)
    assert context.progress.pages == len(reported) == 5
    assert context.progress.requests == len(site.log)
    assert context.progress.bytes > 5000
