"""Values at the edges of their types, and keys that are nearly equal, come back as they were."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.testing.contract_staging import a_row
from inlet_sdk.testing.sink_laws.merging import without_an_order
from inlet_sdk.testing.sink_laws.subject import (
    MERGES_NOT,
    SinkUnderTest,
    a_commit,
    keys_of,
    with_fields,
)

MEGABYTE = 1024 * 1024
VALUES: dict[str, list[tuple[Any, Any]]] = {
    # What is staged, and what it is.
    "long": [(n, n) for n in (-(2**63), -(2**53) - 1, -1, 0, 2**53 + 1, 2**63 - 1)],
    "double": [(x, x) for x in (-0.0, 0.1, 5e-324, -1.7976931348623157e308, 123456789.123456789)],
    "boolean": [(True, True), (False, False)],
    "timestamp": [
        (-62_135_596_800_000, datetime(1, 1, 1, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, 999_000, UTC)),
        ("2026-11-30T21:44:00.123456+05:30", datetime(2026, 11, 30, 16, 14, 0, 123_456, UTC)),
        (253_402_300_799_999, datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC)),
    ],
    "date": [
        ("0001-01-01", date(1, 1, 1)),
        ("1582-10-10", date(1582, 10, 10)),
        ("9999-12-31", date(9999, 12, 31)),
    ],
    "string": [
        (text, text)
        for text in (
            "",
            " ",
            "\\N",
            "NULL",
            "a \"quote\" and 'another'",
            "tab\tnew\nline\rreturn",
            "back\\slash \\n",
            "a,b;c|d",
            "Größe 優先度",
            "🚀👩‍👩‍👧 \U0001d518",
            "\x01\x1f\x7f",
            "\x00",
            "a\x00b",
            "\ufeff bom \ufffd",
            "e\u0301 and é",
            "x" * MEGABYTE,
        )
    ],
    "json": [
        (text, text)
        for text in (
            "null",
            "[]",
            '{"a":{"b":["\\"","\\\\",1e400,9007199254740993,-0.0]}}',
            '{"b": 1, "a": 1,  "b": 2}',
            '"\\u0000 \\ud83d\\ude80"',
        )
    ],
}
NEAR_KEYS = (
    "a",
    "A",
    "a ",
    " a",
    "á",
    "a\u0301",
    "ß",
    "ss",
    "\u0131",
    "i",
    "İ",
    "0",
    "00",
    "",
    "🚀",
    "🛸",
)


class ValueLaws(SinkUnderTest):
    @pytest.mark.parametrize("type_", VALUES)
    def test_values_come_back_as_they_were(self, tmp_path: Path, type_: str) -> None:
        target = with_fields(
            FieldDescriptor("id", "string", nullable=False), FieldDescriptor("value", type_)
        )
        values = [*VALUES[type_], (None, None)]
        rows = [
            {"id": str(n), "value": staged, "_raw": "{}"} for n, (staged, _) in enumerate(values)
        ]
        sink = self.open_sink(tmp_path)
        self.land(sink, rows, without_an_order(a_commit("r1")), target)

        found = {row["id"]: row["value"] for row in self.landed_in(sink, target)}
        for number, (_, value) in enumerate(values):
            assert found[str(number)] == self.as_landed(value), ascii(value)[:80]
            assert isinstance(found[str(number)], type(value)), ascii(value)[:80]

    def test_doubles_that_are_no_number_come_back_or_are_nothing(self, tmp_path: Path) -> None:
        """A store without them has null. No JSON has any."""
        target = with_fields(
            FieldDescriptor("id", "string", nullable=False), FieldDescriptor("value", "double")
        )
        odd = {"nan": math.nan, "inf": math.inf, "minus": -math.inf}
        rows = [{"id": name, "value": value, "_raw": "{}"} for name, value in odd.items()]
        sink = self.open_sink(tmp_path)
        self.land(sink, rows, without_an_order(a_commit("r1")), target)

        for row in self.landed_in(sink, target):
            value = row["value"]
            assert value is None or repr(value) == repr(odd[row["id"]])

    def test_keys_that_differ_in_anything_are_different_rows(self, tmp_path: Path) -> None:
        keys = [*NEAR_KEYS, "k" * 1000 + "a", "k" * 1000 + "b"]
        rows = [a_row(number, id=key) for number, key in enumerate(keys)]
        sink = self.open_sink(tmp_path)
        self.land(sink, rows, a_commit("r1"))
        assert {row["id"]: row["votes"] for row in self.rows_of(sink)} == {
            key: number for number, key in enumerate(keys)
        }
        if not sink.descriptor.compares_versions:
            self.passes_over(MERGES_NOT)
            return

        changed = [
            {**row, "votes": row["votes"] + 100, "updated": 1_900_000_000_000} for row in rows
        ]
        assert self.land(sink, changed, a_commit("r2", 2)).updated == len(keys)
        assert sorted(keys_of(sink)) == sorted(keys)

    def test_a_row_of_twenty_megabytes_lands_among_others(self, tmp_path: Path) -> None:
        raw = '{"text": "' + "xyz \\u00e9 " * (2 * MEGABYTE) + '"}'
        rows = [a_row(1), a_row(2, _raw=raw, summary="é" * MEGABYTE), a_row(3)]
        sink = self.open_sink(tmp_path)
        receipt = self.land(sink, rows, a_commit("r1"))

        assert len(raw) > 20 * MEGABYTE and receipt.landed == 3
        found = {row["id"]: row for row in self.rows_of(sink)}
        assert found["2"]["_raw"] == raw and found["2"]["summary"] == "é" * MEGABYTE
        assert sorted(found) == ["1", "2", "3"]

    def test_more_columns_than_a_form_has_fields_land(self, tmp_path: Path) -> None:
        """A Jira site with a thousand custom fields is an ordinary one."""
        names = [f"customfield_{10_000 + n}" for n in range(1000)]
        target = with_fields(
            FieldDescriptor("id", "string", nullable=False),
            *(FieldDescriptor(name, "double") for name in names),
        )
        row = {"id": "1", "_raw": "{}", **{name: n / 8 for n, name in enumerate(names)}}
        sink = self.open_sink(tmp_path)
        self.land(sink, [row], without_an_order(a_commit("r1")), target)
        (found,) = self.landed_in(sink, target)
        assert {name: found[name] for name in names} == {n: row[n] for n in names}
