"""Rows of worklogs and comments that are made many at once are those that are made one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw
from obstore.store import MemoryStore

from inlet_sdk.http.columns import Column
from inlet_sdk.http.json_record import Record, parse_page
from inlet_sdk.ports.columnar_rows import ColumnarRows
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row
from inlet_sdk.testing.contexts import a_context
from inlet_sdk.testing.odd_json import TIMES, Text, objects, values
from inlet_sdk.units import record_rows
from inlet_sdk.units.batches import MakeRow, make_rows
from inlet_sdk.units.record_rows import RecordRows
from inlet_worker.sources.jira.comment_lists import (
    COMMENT_COLUMNS,
    OF_ISSUE,
    comment_rows,
    make_comment,
)
from inlet_worker.sources.jira.worklog_lists import WORKLOG_COLUMNS, make_worklog, worklog_rows
from inlet_worker.staging.object_store import ObjectStoreStaging

ANY = values(broken=True)
SOME = st.one_of(values(broken=False), st.just(b"null"))
PERSON = st.one_of(SOME, objects({"accountId": SOME, "displayName": SOME}, ["x"], SOME))
IDS = st.one_of(
    st.integers(1, 10**6).map(lambda n: b'"%d"' % n),
    st.sampled_from([b'"9223372036854775807"', b'"9223372036854775808"', b'"01"', b"7", b'""']),
)
_list = msgspec.json.Decoder(list[Raw])


def records_of(columns: Sequence[Column]) -> Text:
    """Records with the columns' members, plain and odd."""
    plain: dict[str, Text] = {column.path[0]: SOME for column in columns}
    plain |= {name: PERSON for name in ("author", "updateAuthor")}
    plain |= {name: st.sampled_from(TIMES) for name in ("created", "updated")}
    plain |= {name: IDS for name in ("id", "issueId") if name in plain}
    return st.one_of(objects(plain, ["self"], SOME), objects(plain, ["else"], ANY), ANY)


WORKLOGS, COMMENTS = records_of(WORKLOG_COLUMNS), records_of(COMMENT_COLUMNS)
PARENTS = st.fixed_dictionaries(
    {
        "issueId": st.sampled_from(["1", "22"]),
        "issueKey": st.just("A-1"),
        "projectId": st.none() | st.just("10"),
    }
)
Made = tuple[list[Row], list[QuarantinedRecord]]


def page(texts: Sequence[bytes]) -> list[Record]:
    """None of a page that no parser takes."""
    try:
        found, parsed = parse_page(b"[" + b",".join(texts) + b"]", _list)
    except (msgspec.DecodeError, RecursionError):
        return []
    return parsed.records(found)


def one_by_one(
    records: Sequence[Record], make: MakeRow, parents: Sequence[Mapping[str, Any]] | None
) -> Made:
    rows: list[Row] = []
    bad: list[QuarantinedRecord] = []
    for at, record in enumerate(records):
        made, odd = make_rows([record], make, dict(parents[at]) if parents else None, key="id")
        rows += made
        bad += odd
    return [{name: value for name, value in row.items() if value is not None} for row in rows], bad


@settings(max_examples=100, deadline=None)
@given(pages=st.lists(st.lists(WORKLOGS, max_size=5), min_size=1, max_size=3))
def test_worklogs_are_the_same_either_way(pages: list[list[bytes]]) -> None:
    maker = worklog_rows()
    for records in map(page, pages):
        rows, bad = maker.rows(records)
        assert (list(rows), bad) == one_by_one(records, make_worklog, None)


@settings(max_examples=100, deadline=None)
@given(pages=st.lists(st.lists(st.tuples(COMMENTS, PARENTS), max_size=5), min_size=1, max_size=3))
def test_comments_with_what_their_issue_tells_are_the_same_either_way(
    pages: list[list[tuple[bytes, dict[str, Any]]]],
) -> None:
    maker = comment_rows()
    for told in pages:
        records = page([text for text, _ in told])
        parents = [parent for _, parent in told] if records else []
        rows, bad = maker.rows(records, parents)
        assert (list(rows), bad) == one_by_one(records, make_comment, parents)


@settings(max_examples=40, deadline=None)
@given(pages=st.lists(st.lists(WORKLOGS, max_size=5), max_size=4))
def test_what_is_staged_of_them_is_the_same(pages: list[list[bytes]]) -> None:
    fields = tuple(replace(c.descriptor(), nullable=c.name != "id") for c in WORKLOG_COLUMNS)
    sessions = [
        ObjectStoreStaging(MemoryStore()).allocate_session(a_context(), fields) for _ in range(2)
    ]
    fast, slow = (session.writer() for session in sessions)
    maker = worklog_rows()
    for records in map(page, pages):
        rows, _ = maker.rows(records)
        assert isinstance(rows, ColumnarRows)
        assert fast.write_batch(rows) == slow.write_batch(list(rows))
        assert fast.misfits() == slow.misfits()

    assert (fast.rows, fast.unfit) == (slow.rows, slow.unfit)
    fast.seal({})
    slow.seal({})
    read = [list(session.reader().iter_batches(10**6)) for session in sessions]
    assert read[0] == read[1]


PLAIN_WORKLOG = (
    b'{"id":"7","issueId":"12","author":{"accountId":"a"},"timeSpentSeconds":60,'
    b'"updated":"2024-01-31T10:00:00.000+0000","comment":{"type":"doc"}}'
)
PLAIN_COMMENT = b'{"id":"8","body":{"type":"doc"},"jsdPublic":true,"created":null}'


@pytest.mark.parametrize(
    ("maker", "text"), [(worklog_rows(), PLAIN_WORKLOG), (comment_rows(), PLAIN_COMMENT)]
)
def test_records_as_a_site_shows_them_are_made_without_a_row_of_their_own(
    maker: RecordRows, text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alone(*_: Any, **__: Any) -> Any:
        raise AssertionError("it was made by itself")

    monkeypatch.setattr(record_rows, "make_rows", alone)
    rows, bad = maker.rows(page([text, text]))
    assert (len(rows), bad) == (2, [])


def test_columns_of_the_issue_are_columns_of_each_comment() -> None:
    rows, _ = comment_rows().rows(page([PLAIN_COMMENT]), [{"issueId": "5", "projectId": None}])
    assert isinstance(rows, ColumnarRows)
    assert set(rows.types) == {column.name for column in (*COMMENT_COLUMNS, *OF_ISSUE)}
    assert rows[0]["issueId"] == "5" and "projectId" not in rows[0]
