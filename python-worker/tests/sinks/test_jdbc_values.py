from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError
from inlet_worker.sinks.jdbc.columns import Column
from inlet_worker.sinks.jdbc.packing import packed, unpacked
from inlet_worker.sinks.jdbc.rows_as_text import rows_as_text
from inlet_worker.sinks.jdbc.values import ARROW, Kind, checked_instants, escaped, unescaped

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("\x00\u2400\\\t\n\r0N"))
VALUES: dict[Kind, st.SearchStrategy[object]] = {
    "text": TEXTS,
    "long": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "timestamp": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
    "date": st.dates(date(1, 1, 1), date(9999, 12, 31)),
}


@given(st.lists(st.none() | TEXTS))
def test_any_text_is_stored_without_nul_and_read_as_it_was(texts: list[str | None]) -> None:
    stored = escaped(pa.array(texts, pa.string())).to_pylist()
    assert not any("\x00" in text for text in stored if text)
    assert [unescaped(text) for text in stored] == texts
    plain = [text for text in texts if text and "\x00" not in text and "\u2400" not in text]
    assert escaped(pa.array(plain, pa.string())).to_pylist() == plain


@given(st.data(), st.sampled_from(list(VALUES)))
def test_packed_fields_come_back_as_they_were(data: st.DataObject, kind: Kind) -> None:
    values = data.draw(st.lists(st.none() | VALUES[kind], max_size=5))
    column, array = Column("Field", "_inlet_more", kind, packed=True), pa.array(values, ARROW[kind])
    other = Column("other", "_inlet_more", "long", packed=True)
    nothing = pa.nulls(len(values), pa.int64())

    texts = packed([column, other], [array, nothing]).to_pylist()
    assert [found.to_pylist() for found in unpacked([column, other], texts)] == [
        values,
        nothing.to_pylist(),
    ]


@given(st.lists(st.tuples(st.none() | TEXTS, st.none() | st.integers(0, 9)), min_size=1))
def test_rows_as_text_are_read_back_by_their_rules(
    rows: list[tuple[str | None, int | None]],
) -> None:
    columns = [
        pa.array(c, t)
        for c, t in zip(zip(*rows, strict=True), (pa.string(), pa.int64()), strict=True)
    ]
    batch = pa.RecordBatch.from_arrays(columns, names=["a", "b"])
    text = bytes(rows_as_text(batch, boolean_digits=True)).decode()

    found, field, row = [], "", []
    at = 0
    while at < len(text):
        one = text[at]
        if one == "\\":
            field += text[at : at + 2]
            at += 2
            continue
        if one in "\t\n":
            row.append(field)
            field = ""
        else:
            field += one
        if one == "\n":
            found.append(row)
            row = []
        at += 1

    def read(part: str) -> str | None:
        if part == "\\N":
            return None
        return "".join(p[1:] if p.startswith("\\") else p for p in _escapes(part))

    assert [(read(a), None if read(b) is None else int(read(b) or 0)) for a, b in found] == rows


def _escapes(part: str) -> list[str]:
    parts, at = [], 0
    while at < len(part):
        size = 2 if part[at] == "\\" else 1
        parts.append(part[at : at + size])
        at += size
    return parts


def test_an_instant_beyond_what_databases_hold_is_refused() -> None:
    beyond = pa.array([253_402_300_800_000_000], pa.timestamp("us", tz="UTC"))
    with pytest.raises(FatalError) as raised:
        checked_instants(beyond, "created")
    assert raised.value.code == "SINK_REJECTED" and "created" in raised.value.message
