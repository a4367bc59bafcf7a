"""What every execution tool promises. A tool's test subclasses this and gives `tool` and the same
six programs in the tool's own language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.execution_tool import ExecutionTool, Program
from inlet_sdk.testing.reported import Reported

INSTANT = pa.timestamp("us", tz="UTC")
ROWS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("version", pa.int64()),
        pa.field("title", pa.string()),
        pa.field("price", pa.decimal128(38, 9)),
        pa.field("ratio", pa.float64()),
        pa.field("open", pa.bool_()),
        pa.field("updated", INSTANT),
        pa.field("due", pa.date32()),
    ]
)
LEAST, MOST = -(2**63), 2**63 - 1
FIRST_INSTANT, LAST_INSTANT = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Microseconds of the years 1 to 9999."""
GREAT = Decimal("99999999999999999999999999999.999999999")
EXTREMES: list[dict[str, Any]] = [
    {"id": "a", "version": MOST, "title": "Ä 😀\u0000 end", "price": GREAT, "ratio": 0.1},
    {"id": "b", "version": LEAST, "title": "", "price": GREAT.copy_negate(), "ratio": -5e-324},
    {"id": "c", "version": None, "title": None, "open": True, "ratio": float("inf")},
    {"id": "d", "version": 2**53 + 1, "title": "NULL", "price": Decimal("0.000000001")},
    {"id": "e", "updated": FIRST_INSTANT, "due": date(1, 1, 1), "open": False},
    {"id": "f", "updated": LAST_INSTANT, "due": date(9999, 12, 31)},
    {"id": "g", "updated": 1_700_000_000_000_001, "due": date(1970, 1, 1), "title": "'; --"},
]
"""What engines bend: text with a zero, whole numbers that no double holds, the ends of time."""


def rows_of(records: list[dict[str, Any]], schema: pa.Schema = ROWS) -> pa.Table:
    return pa.Table.from_pylist(records, schema=schema)


def a_row(key: str, version: int, **changes: Any) -> dict[str, Any]:
    return {"id": key, "version": version, "title": f"{key} {version}", **changes}


class ToolContract(Reported):
    """programs: by case. `select` renames id to key and version to number, and drops the rest.
    `filter` keeps rows with open true. `derive` gives all columns and `next` (version plus one),
    `upper` (title in capitals) and `year` (of updated, a whole number). `newest` keeps of each id
    the row of the highest version. `union` gives all rows of `rows` and of `others`. `count` gives
    title and `n`, how many rows have it.
    """

    programs: ClassVar[Mapping[str, Program]]

    @pytest.fixture
    def tool(self) -> Iterator[ExecutionTool]:
        raise NotImplementedError

    def made(
        self,
        tool: ExecutionTool,
        case: str,
        output: pa.Schema,
        batch_rows: int = 1000,
        **inputs: pa.Table,
    ) -> list[dict[str, Any]]:
        """The rows in the order of their text, since only a query's own order is one."""
        readers = {
            name: pa.RecordBatchReader.from_batches(
                table.schema, table.to_batches(max_chunksize=batch_rows)
            )
            for name, table in inputs.items()
        }
        batches = list(tool.run(self.programs[case], readers, output))
        assert all(batch.schema.equals(output) for batch in batches)
        return sorted((row for batch in batches for row in batch.to_pylist()), key=repr)

    def test_no_value_is_changed_on_the_way(self, tool: ExecutionTool) -> None:
        given = [{**row, "open": True} for row in EXTREMES]
        assert self.made(tool, "filter", ROWS, rows=rows_of(given)) == sorted(
            rows_of(given).to_pylist(), key=repr
        )

    def test_not_a_number_and_minus_zero_stay_what_they_are(self, tool: ExecutionTool) -> None:
        odd = [
            {"id": "a", "ratio": float("nan"), "open": True},
            {"id": "b", "ratio": -0.0, "open": True},
        ]
        made = self.made(tool, "filter", ROWS, rows=rows_of(odd))
        assert [str(row["ratio"]) for row in made] == ["nan", "-0.0"]

    def test_columns_are_selected_and_renamed(self, tool: ExecutionTool) -> None:
        output = pa.schema([pa.field("key", pa.string(), nullable=False), ("number", pa.int64())])
        made = self.made(tool, "select", output, rows=rows_of(EXTREMES))
        assert made == [{"key": r["id"], "number": r.get("version")} for r in EXTREMES]

    def test_a_filter_keeps_what_is_true_and_neither_false_nor_unknown(
        self, tool: ExecutionTool
    ) -> None:
        some = [a_row("a", 1, open=True), a_row("b", 1, open=False), a_row("c", 1)]
        made = self.made(tool, "filter", ROWS, rows=rows_of(some))
        assert [row["id"] for row in made] == ["a"]

    def test_columns_are_derived_and_missing_values_stay_missing(self, tool: ExecutionTool) -> None:
        output = pa.schema(
            [*ROWS, ("next", pa.int64()), ("upper", pa.string()), ("year", pa.int64())]
        )
        some = [
            a_row("a", 2**53 + 1, updated=FIRST_INSTANT),
            a_row("b", -1, updated=LAST_INSTANT),
            {"id": "c"},
        ]
        made = self.made(tool, "derive", output, rows=rows_of(some))
        assert [(r["next"], r["upper"], r["year"]) for r in made] == [
            (2**53 + 2, f"A {2**53 + 1}", 1),
            (0, "B -1", 9999),
            (None, None, None),
        ]

    def test_the_newest_of_each_key_is_kept(self, tool: ExecutionTool) -> None:
        some = [a_row("a", 1), a_row("b", MOST), a_row("a", 3), a_row("b", MOST - 1), a_row("a", 2)]
        made = self.made(tool, "newest", ROWS, rows=rows_of(some))
        assert [(row["id"], row["version"], row["title"]) for row in made] == [
            ("a", 3, "a 3"),
            ("b", MOST, f"b {MOST}"),
        ]

    def test_two_inputs_are_one_after_a_union(self, tool: ExecutionTool) -> None:
        rows, others = rows_of([a_row("a", 1), a_row("b", 1)]), rows_of([a_row("b", 1)])
        made = self.made(tool, "union", ROWS, rows=rows, others=others)
        assert [row["id"] for row in made] == ["a", "b", "b"]

    def test_rows_of_a_group_are_counted_and_missing_values_are_a_group(
        self, tool: ExecutionTool
    ) -> None:
        some = [{"id": str(n), "title": t} for n, t in enumerate(["x", "y", "x", None, None])]
        output = pa.schema([("title", pa.string()), ("n", pa.int64())])
        made = self.made(tool, "count", output, rows=rows_of(some))
        assert made == [
            {"title": "x", "n": 2},
            {"title": "y", "n": 1},
            {"title": None, "n": 2},
        ]

    @pytest.mark.parametrize("case", ["select", "filter", "derive", "newest", "union", "count"])
    def test_of_no_rows_every_program_makes_none(self, tool: ExecutionTool, case: str) -> None:
        names = ("rows", "others") if case == "union" else ("rows",)
        output = tool.output_of(self.programs[case], dict.fromkeys(names, ROWS))
        empty = {name: rows_of([]) for name in names}
        assert self.made(tool, case, output, **empty) == []

    def test_the_columns_of_a_program_are_known_without_a_row(self, tool: ExecutionTool) -> None:
        found = tool.output_of(self.programs["derive"], {"rows": ROWS})
        assert found.names == [*ROWS.names, "next", "upper", "year"]
        assert found.field("price").type == pa.decimal128(38, 9)
        assert found.field("updated").type == INSTANT and found.field("due").type == pa.date32()

    def test_many_batches_are_one_input(self, tool: ExecutionTool) -> None:
        many = rows_of([a_row(f"{n % 7}", n) for n in range(700)])
        made = self.made(tool, "newest", ROWS, batch_rows=3, rows=many)
        assert [row["version"] for row in made] == list(range(693, 700))

    def test_a_value_that_its_column_cannot_hold_stops_the_program(
        self, tool: ExecutionTool
    ) -> None:
        some = rows_of([a_row("canary-row-value", MOST)])
        output = pa.schema([("key", pa.string()), ("number", pa.int32())])
        with pytest.raises(FatalError) as refused:
            self.made(tool, "select", output, rows=some)
        assert refused.value.code == "TRANSFORM_FAILED" and "number" in refused.value.message
        assert "canary-row-value" not in refused.value.message

    def test_a_number_beyond_64_bits_is_never_another_number(self, tool: ExecutionTool) -> None:
        output = pa.schema(
            [*ROWS, ("next", pa.int64()), ("upper", pa.string()), ("year", pa.int64())]
        )
        with pytest.raises(FatalError) as refused:
            self.made(tool, "derive", output, rows=rows_of([a_row("a", MOST)]))
        assert refused.value.code == "TRANSFORM_FAILED"

    def test_other_columns_than_declared_stop_the_program(self, tool: ExecutionTool) -> None:
        output = pa.schema([("key", pa.string()), ("otherwise", pa.int64())])
        with pytest.raises(FatalError) as refused:
            self.made(tool, "select", output, rows=rows_of([a_row("a", 1)]))
        assert refused.value.code == "TRANSFORM_FAILED"

    @settings(
        max_examples=10,
        deadline=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
    )
    @given(
        given=st.lists(
            st.fixed_dictionaries(
                {
                    "version": st.none() | st.integers(LEAST, MOST),
                    "title": st.none() | st.text(st.characters(exclude_categories=["Cs"])),
                    "price": st.none()
                    | st.decimals(-(10**28), 10**28, places=9, allow_nan=False).filter(
                        lambda d: abs(d) < 10**28
                    ),
                    "updated": st.none() | st.integers(FIRST_INSTANT, LAST_INSTANT),
                    "due": st.none() | st.dates(),
                }
            ),
            max_size=20,
        )
    )
    def test_whatever_the_rows_are_they_come_back(
        self, tool: ExecutionTool, given: list[dict[str, Any]]
    ) -> None:
        rows = rows_of([{**row, "id": str(n), "open": True} for n, row in enumerate(given)])
        made = self.made(tool, "filter", ROWS, batch_rows=4, rows=rows)
        assert made == sorted(rows.to_pylist(), key=repr)
