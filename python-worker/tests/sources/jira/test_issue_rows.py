"""Rows of issues that are made many at once are those that are made one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from inlet_sdk.http.answer import HttpAnswer
from inlet_sdk.http.columns import Column, column
from inlet_sdk.http.typed_columns import TypedColumns
from inlet_sdk.ports.columnar_rows import ColumnarRows
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.odd_json import object_text, objects, values
from inlet_worker.sources.jira import search
from inlet_worker.sources.jira.fields import SYSTEM_COLUMNS, envelope_columns
from inlet_worker.sources.jira.issue_rows import IssueRows
from inlet_worker.staging.object_store import ObjectStoreStaging

COLUMNS: tuple[Column, ...] = (
    *SYSTEM_COLUMNS,
    column("customfield_10001", "string"),
    column("customfield_10002", "double"),
    column("customfield_10003", "timestamp"),
)
ANY = values(broken=True)
SOME = st.one_of(values(broken=False), st.just(b"null"))
PEOPLE = st.one_of(SOME, objects({"accountId": SOME, "displayName": SOME, "id": SOME}, ["x"], SOME))
TIMES = st.sampled_from([b'"2024-01-31T10:00:00.000+0000"', b'"2024-02-30T10:00:00Z"', b"5"])
FIELDS = objects(
    {
        "summary": SOME,
        "project": PEOPLE,
        "assignee": PEOPLE,
        "updated": st.one_of(TIMES, SOME),
        "created": TIMES,
        "duedate": SOME,
        "timespent": SOME,
        "labels": SOME,
        "customfield_10001": SOME,
        "customfield_10002": SOME,
        "customfield_10003": SOME,
    },
    ["else"],
    SOME,
)
IDS = st.integers(1, 10**6).map(lambda n: b'"%d"' % n)
PLAIN = st.builds(
    lambda number, fields: object_text([("id", number), ("key", b'"A-1"'), ("fields", fields)]),
    IDS,
    FIELDS,
)
ODD = objects(
    {
        "id": st.one_of(IDS, IDS, ANY, st.just(b'"\\u0031"'), st.just(b"7")),
        "key": st.one_of(st.just(b'"A-2"'), ANY),
        "fields": st.one_of(FIELDS, ANY),
        "expand": ANY,
    },
    ["self"],
    ANY,
)
Made = tuple[list[Row], list[QuarantinedRecord]]


def page_of(records: Sequence[bytes]) -> bytes:
    return b'{"issues":[' + b",".join(records) + b'],"isLast":true}'


def made(items: Sequence[search.ParsedIssue], maker: IssueRows) -> Made:
    found = [item for item in items if isinstance(item, search.FoundIssue)]
    bad = [item for item in items if isinstance(item, QuarantinedRecord)]
    rows, more = maker.rows(found)
    return list(rows), [*bad, *more]


def known(items: Sequence[search.ParsedIssue]) -> list[Any]:
    return [(i.id, i.key, i.updated) if isinstance(i, search.FoundIssue) else i.raw for i in items]


def one_by_one(body: bytes) -> list[search.ParsedIssue] | str:
    try:
        return search.any_issues(body)[1]
    except Exception as error:
        return type(error).__name__


def many_at_once(body: bytes) -> list[search.ParsedIssue] | str:
    try:
        return list(search.parse_search(HttpAnswer(200, {}, body, "POST /search")).items)
    except Exception as error:
        return type(error).__name__


@given(pages=st.lists(st.lists(st.one_of(PLAIN, PLAIN, ODD), max_size=6), max_size=3))
def test_a_page_gives_the_same_rows_and_quarantine_either_way(pages: list[list[bytes]]) -> None:
    maker = IssueRows(COLUMNS)
    for records in pages:
        body = page_of(records)
        alone, together = one_by_one(body), many_at_once(body)
        if isinstance(alone, str) or isinstance(together, str):
            assert together == alone
            continue
        assert known(together) == known(alone)
        assert made(together, maker) == made(alone, IssueRows(COLUMNS))


FIELDS_OF_ROWS = tuple(
    replace(c.descriptor(), nullable=c.name != "id") for c in (*envelope_columns(), *COLUMNS)
)


@settings(max_examples=50)
@given(pages=st.lists(st.lists(st.one_of(PLAIN, PLAIN, ODD), max_size=6), max_size=4))
def test_what_is_staged_of_them_is_the_same(pages: list[list[bytes]]) -> None:
    maker = IssueRows(COLUMNS)
    together = ObjectStoreStaging(MemoryStore()).allocate_session(a_context(), FIELDS_OF_ROWS)
    alone = ObjectStoreStaging(MemoryStore()).allocate_session(a_context(), FIELDS_OF_ROWS)
    fast, slow = together.writer(), alone.writer()
    for records in pages:
        items = many_at_once(page_of(records))
        if isinstance(items, str):
            continue
        rows, _ = maker.rows([item for item in items if isinstance(item, search.FoundIssue)])
        assert isinstance(rows, ColumnarRows)
        assert fast.write_batch(rows) == slow.write_batch(list(rows))
        assert fast.misfits() == slow.misfits()

    assert (fast.rows, fast.unfit) == (slow.rows, slow.unfit)
    fast.seal({})
    slow.seal({})
    read = [list(session.reader().iter_batches(10**6)) for session in (together, alone)]
    assert read[0] == read[1]


def test_issues_as_a_site_shows_them_are_made_without_a_row_of_their_own() -> None:
    fields = b'{"summary":"a","project":{"id":"1"},"updated":"2024-01-31T10:00:00.000+0000"}'
    record = object_text([("id", b'"12"'), ("key", b'"A-1"'), ("fields", fields)])
    items = many_at_once(page_of([record]))
    assert not isinstance(items, str) and isinstance(items[0], search.FoundIssue)
    assert items[0].texts is not None
    assert TypedColumns(COLUMNS).read([items[0].texts.fields])[1] == []
