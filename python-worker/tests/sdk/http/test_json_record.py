"""Records leave a page byte for byte."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from inlet_sdk.http.json_record import parse_page, without_lone_surrogates

LIST = msgspec.json.Decoder(list[Raw])

any_text = st.text(st.characters(exclude_categories=()), max_size=8)
any_value = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.lists(st.dictionaries(any_text, any_value, max_size=4), max_size=5),
    st.sampled_from([None, 1]),
)
def test_every_record_is_the_vendors_own_text(
    records: list[dict[str, Any]], indent: int | None
) -> None:
    texts = [json.dumps(record, indent=indent) for record in records]
    items, page = parse_page(f"[{', '.join(texts)}]".encode(), LIST)
    assert [record.text() for record in page.records(items)] == texts


@given(st.dictionaries(st.sampled_from("abc"), any_value, min_size=1))
def test_members_cut_out_of_a_record_keep_the_vendors_bytes(record: dict[str, Any]) -> None:
    body = json.dumps([record]).encode()
    items, page = parse_page(body, LIST)
    (found,) = page.records(items)
    for name, value in record.items():
        assert found.within(found.members()[name]).original == json.dumps(value).encode()


@given(any_text)
def test_mending_touches_lone_surrogates_only(text: str) -> None:
    body = json.dumps(text).encode()
    mended = without_lone_surrogates(body)
    assert len(mended) == len(body)
    assert json.loads(mended) == "".join(
        "\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in json.loads(body)
    )


def test_an_escaped_backslash_before_a_u_is_no_surrogate() -> None:
    body = rb'"\\ud800 \ud83d\ude00 \udc00\\"'
    assert without_lone_surrogates(body) == rb'"\\ud800 \ud83d\ude00 \ufffd\\"'


@pytest.mark.parametrize(
    "body", [b"", b"[", b'[{"a":1}', b'[{"a":"\\ud800}]', b"[1,]", b"nonsense"]
)
def test_broken_json_is_refused_not_mended(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        parse_page(body, LIST)


@pytest.mark.parametrize("depth", [1_000, 50_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_record_that_is_nested_too_deep_is_set_apart_from_the_others(
    depth: int, opening: str
) -> None:
    deep = opening * depth + "1" + ("]" if opening == "[" else "}") * depth
    texts = ['{"id":1}', f'{{"id":2,"v":{deep},"w":"]]"}}', '{"id":3,"v":"[[[\\"\\ud800"}']
    items, page = parse_page(f"[{','.join(texts)}]".encode(), LIST)
    records = page.records(items)
    assert [bytes(record.original).decode() for record in records] == texts
    assert [bool(record.deep) for record in records] == [False, True, False]
    assert [bytes(record.members()["id"]) for record in records] == [b"1", b"2", b"3"]
    with pytest.raises(msgspec.DecodeError, match="nested too deep"):
        records[1].text()
    assert (records[0].text(), records[2].text()) == (texts[0], texts[2])


def test_of_a_list_inside_a_record_only_the_deep_ones_are_set_apart() -> None:
    deep = "[" * 2_000 + "]" * 2_000
    inner = ['{"id":1}', f'{{"id":2,"v":{deep}}}', '{"id":3}']
    items, page = parse_page(f'[{{"id":9,"list":[{",".join(inner)}]}}]'.encode(), LIST)
    (record,) = page.records(items)
    member = record.members()["list"]
    found = record.within(member).records(msgspec.json.decode(member, type=list[msgspec.Raw]))
    assert [bool(one.deep) for one in found] == [False, True, False]
    assert [bytes(one.original).decode() for one in found] == inner


def test_a_record_does_not_suffer_for_a_deeper_neighbour() -> None:
    own, deeper = ("[" * depth + "]" * depth for depth in (600, 3_000))
    items, page = parse_page(f"[{own},{deeper}]".encode(), LIST)
    assert [bool(record.deep) for record in page.records(items)] == [False, True]


def test_brackets_that_never_close_are_no_record() -> None:
    with pytest.raises((RecursionError, msgspec.DecodeError)):
        parse_page(b"[" * 100_000, LIST)
