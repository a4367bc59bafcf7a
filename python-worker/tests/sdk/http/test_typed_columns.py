from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from inlet_sdk.http.columns import Column, ColumnReader, column
from inlet_sdk.http.typed_columns import TypedColumns
from inlet_sdk.ports.columnar_rows import RAW, ColumnarRows
from inlet_sdk.testing.odd_json import objects, values

COLUMNS = (
    column("text", "string"),
    column("any", "json"),
    column("count", "long"),
    column("share", "double"),
    column("done", "boolean"),
    column("at", "timestamp"),
    column("again", "timestamp"),
    column("day", "date"),
    column("ownerId", "string", "owner.id"),
    column("ownerAge", "long", "owner.age"),
    column("ownerMore", "json", "owner.more"),
)
ANY = values(broken=False)
OWNERS = st.one_of(ANY, objects({"id": ANY, "age": ANY, "more": ANY}, ["x"], ANY))
RECORDS = objects(
    {column.path[0]: ANY for column in COLUMNS[:8]} | {"owner": OWNERS}, ["else", "key"], ANY
)
_members = msgspec.json.Decoder(dict[str, Raw])


def general(record: bytes) -> dict[str, Any]:
    return ColumnReader(COLUMNS).read(_members.decode(record))


def rows(reader: TypedColumns, records: Sequence[bytes]) -> tuple[list[Any], list[int]]:
    """With what was declined read in the general form."""
    cells, declined = reader.read([Raw(record) for record in records])
    others = {at: general(records[at]) for at in declined}
    columns = {**cells, RAW: [None] * len(records)}
    return list(ColumnarRows.of(reader.types, columns, 0, others)), declined


@given(pages=st.lists(st.lists(RECORDS, max_size=5), min_size=1, max_size=3))
def test_any_record_has_the_values_of_the_general_form_or_is_declined(
    pages: list[list[bytes]],
) -> None:
    reader = TypedColumns(COLUMNS)
    for page in pages:
        assert rows(reader, page)[0] == [general(record) for record in page]


def test_records_of_the_columns_own_types_are_not_declined() -> None:
    record = (
        b'{"text":"a","any":{"b":[1]},"count":-5,"share":0.25,"done":true,'
        b'"at":"2024-01-31T10:00:00.000+0000","again":null,"day":"2024-02-29",'
        b'"owner":{"id":"7","age":3,"more":[]},"else":1}'
    )
    for one in (record, b"{}", b'{"owner":null}'):
        assert rows(TypedColumns(COLUMNS), [one]) == ([general(one)], [])


def test_a_column_of_other_values_is_declined_once_and_then_read() -> None:
    reader = TypedColumns(COLUMNS)
    record = b'{"text":{"a": 1},"count":"12","owner":{"id":5}}'
    assert rows(reader, [record, record]) == ([general(record)] * 2, [0, 1])
    assert rows(reader, [record, b"{}"]) == ([general(record), {}], [])


def test_a_record_is_declined_alone() -> None:
    page = [b'{"text":"a"}', b'{"at":"soon","text":"b"}', b'{"share":1e400}', b'{"count":3}']
    found, declined = rows(TypedColumns(COLUMNS), page)
    assert declined == [1, 2] and found == [general(record) for record in page]


def test_what_no_decoder_can_be_made_of_is_all_declined() -> None:
    for odd in (column("a", "json", "owner"), Column("b", "long", ('q"',))):
        reader = TypedColumns([*COLUMNS, odd])
        assert reader.read([Raw(b"{}")])[1] == [0]


@pytest.mark.parametrize("record", [b"[]", b"7", b'{"text":', b'{"text":"\\ud800"}'])
def test_what_is_no_object_is_declined(record: bytes) -> None:
    assert TypedColumns(COLUMNS).read([Raw(record)])[1] == [0]
