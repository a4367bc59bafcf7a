"""A field whose type changed, by every policy, in every sink: its rows land, in a column of its
own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.landing_fields import RetypedField
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.sink_endpoint import LandedColumn
from inlet_worker.pipeline.schema_drift import retyped
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.staging.columns import ARROW_TYPES

from .control_plane import ControlPlane
from .landing_again import left, redrive
from .listed_source import FIELDS, ListedSource, a_record

Rows = dict[str, dict[str, Any]]


class FilesPlane(ControlPlane):
    def sink(self) -> FilesParquetSink:  # type: ignore[override]
        return FilesParquetSink({"location": f"file://{self.place}/files"}, on_step=self.on_step)


def rows_of(plane: ControlPlane) -> Rows:
    if not isinstance(plane, FilesPlane):
        table = plane.sink()._catalog.load_table(("list", "things"))
        return {row["id"]: row for row in table.scan().to_arrow().to_pylist()}

    tables = [
        pq.read_table(path) for path in sorted(plane.place.glob("files/list/things/**/*.parquet"))
    ]
    found: Rows = {}
    for row in pa.concat_tables(tables, promote_options="default").to_pylist():
        if row["id"] not in found or found[row["id"]]["_landed_at"] <= row["_landed_at"]:
            found[row["id"]] = row
    return found


def typed(type_: str, name: str = "title") -> tuple[FieldDescriptor, ...]:
    return (FIELDS[0], FieldDescriptor(name, type_), FIELDS[2])


@pytest.fixture(params=[ControlPlane, FilesPlane], ids=["iceberg", "files"])
def plane(request: pytest.FixtureRequest, tmp_path: Path) -> ControlPlane:
    """Two records with a number for a title have landed; the field is text by now."""
    made: Callable[..., ControlPlane] = request.param
    plane = made(ListedSource([a_record(n, 1000 + n, 1.5) for n in (1, 2)], page=9), tmp_path)
    plane.fields = typed("double")
    plane.run("r1", "INCREMENTAL")
    plane.fields = typed("string")
    plane.source.records.append(a_record(3, 1003, "XL"))
    return plane


def test_a_field_whose_type_changed_lands_in_a_second_column(plane: ControlPlane) -> None:
    (result,) = plane.run("r2", "INCREMENTAL")
    rows = rows_of(plane)
    assert (rows["1"]["title"], rows["3"]["title"]) == (1.5, None)
    assert rows["3"]["title__string"] == "XL"
    assert [e.code for e in result.evidence if e.code == "COLUMN_RETYPED"] == ["COLUMN_RETYPED"]
    (told,) = [e.message for e in result.evidence if e.code == "COLUMN_RETYPED"]
    assert "title is string" in told and "land in title__string" in told


def test_a_type_that_comes_back_and_a_third_one_each_have_their_column(plane: ControlPlane) -> None:
    plane.run("r2", "INCREMENTAL")
    for at, (type_, value, name) in enumerate(
        [
            ("double", 7.25, "title"),
            ("boolean", True, "title__boolean"),
            ("string", "M", "title__string"),
            ("json", '{"a":1}', "title__json"),
            ("long", 2**60, "title__long"),
        ]
    ):
        plane.fields = typed(type_)
        plane.source.records.append(a_record(10 + at, 2000 + at, value))
        plane.run(f"s{at}", "INCREMENTAL")
        row = rows_of(plane)[str(10 + at)]
        assert row[name] == value
        others = [n for n in row if n.startswith("title") and n != name]
        assert [row[n] for n in others] == [None] * len(others)


def test_a_full_run_lands_every_row_in_the_column_of_its_type(plane: ControlPlane) -> None:
    plane.source.records = [a_record(n, 1000 + n, f"t{n}") for n in range(1, 4)]
    (result,) = plane.run("r2", "FULL")
    rows = rows_of(plane)
    assert {k: r["title__string"] for k, r in rows.items()} == {"1": "t1", "2": "t2", "3": "t3"}
    assert {row["title"] for row in rows.values()} == {None}
    assert result.stats["unfit"] == 0


def test_freeze_ends_the_run_before_anything_is_read(plane: ControlPlane) -> None:
    plane.policy["schema"] = "freeze"
    before, pages = rows_of(plane), plane.source.pages_read
    with pytest.raises(FatalError) as refused:
        plane.run("r2", "INCREMENTAL")
    assert (
        refused.value.code == "SCHEMA_FROZEN" and "title (string by now)" in refused.value.message
    )
    assert rows_of(plane) == before and plane.source.pages_read == pages


def test_freeze_takes_what_evolve_has_landed_before(plane: ControlPlane) -> None:
    plane.run("r2", "INCREMENTAL")
    plane.policy["schema"] = "freeze"
    plane.source.records.append(a_record(4, 1004, "L"))
    plane.run("r3", "INCREMENTAL")
    assert rows_of(plane)["4"]["title__string"] == "L"


def test_quarantine_sets_aside_what_would_fill_the_second_column(plane: ControlPlane) -> None:
    plane.policy["schema"] = "quarantine"
    plane.source.records = [a_record(3, 1003, "XL"), {"id": "4", "updated": 1004}]
    (result,) = plane.run("r2", "INCREMENTAL")
    assert left(plane) == [("3", "SCHEMA_FROZEN")] and result.stats["landed"] == 1
    rows = rows_of(plane)
    assert "title__string" not in rows["4"] and "3" not in rows

    plane.policy["schema"] = "evolve"
    redrive(plane, "d1")
    assert rows_of(plane)["3"]["title__string"] == "XL" and left(plane) == []


def test_a_field_that_is_called_like_the_second_column_keeps_its_own(plane: ControlPlane) -> None:
    plane.fields = (*typed("string"), FieldDescriptor("title__string", "string"))
    plane.source.records = [{**a_record(3, 1003, "XL"), "title__string": "another field"}]
    plane.run("r2", "INCREMENTAL")
    row = rows_of(plane)["3"]
    assert (row["title__string"], row["title__string_2"]) == ("another field", "XL")

    plane.fields = typed("string")  # the other field goes: its column is still not ours
    plane.source.records = [a_record(4, 1004, "L")]
    plane.run("r3", "INCREMENTAL")
    row = rows_of(plane)["4"]
    assert (row["title__string"], row["title__string_2"]) == (None, "L")


def test_a_field_that_comes_to_be_called_like_a_second_column_gets_another(
    plane: ControlPlane,
) -> None:
    plane.run("r2", "INCREMENTAL")
    plane.fields = (*typed("string"), FieldDescriptor("title__string", "string"))
    plane.source.records = [{**a_record(4, 1004, "XL"), "title__string": "new"}]
    plane.run("r3", "INCREMENTAL")
    row = rows_of(plane)["4"]
    assert (row["title__string"], row["title__string__string"]) == ("XL", "new")


def test_what_identifies_a_row_is_no_column_to_retype(tmp_path: Path) -> None:
    plane = ControlPlane(ListedSource([a_record(1, 1001)], page=9), tmp_path)
    plane.run("r1", "INCREMENTAL")
    plane.fields = (FieldDescriptor("id", "long"), *FIELDS[1:])
    plane.source.records = [{**a_record(2, 1002), "id": 2}]
    with pytest.raises(FatalError) as refused:
        plane.run("r2", "INCREMENTAL")
    assert refused.value.code == "SINK_REJECTED"


@pytest.mark.parametrize("keep_raw", [True, False])
def test_values_of_a_type_that_is_not_collected_yet_land_as_text(
    plane: ControlPlane, keep_raw: bool
) -> None:
    """The catalogue is old: the column is a number and the source sends text."""
    plane.fields, plane.policy["keepRaw"] = typed("double"), keep_raw
    (result,) = plane.run("r2", "INCREMENTAL")
    row = rows_of(plane)["3"]
    assert row["title"] is None and result.stats["unfit"] == 1
    kept = orjson.loads(row["_raw"] if keep_raw else row["_unfit"])
    assert kept["title"] == "XL"
    assert "VALUES_UNFIT" in [e.code for e in result.evidence]
    if not keep_raw:
        assert row.get("_raw") is None


def test_a_frozen_table_of_before_lands_without_the_text_column(tmp_path: Path) -> None:
    plane = ControlPlane(ListedSource([a_record(1, 1001)], page=9), tmp_path)
    plane.policy["keepRaw"] = False
    plane.run("r1", "INCREMENTAL")
    with plane.sink()._catalog.load_table(("list", "things")).update_schema() as update:
        update.delete_column("_unfit")
    plane.policy["schema"] = "freeze"
    plane.source.records.append(a_record(2, 1002, {"no": "text"}))
    (result,) = plane.run("r2", "INCREMENTAL")
    assert result.stats["unfit"] == 1 and "_unfit" not in rows_of(plane)["2"]
    plane.policy["schema"] = "evolve"
    plane.source.records.append(a_record(3, 1003, {"no": "text"}))
    plane.run("r3", "INCREMENTAL")
    assert rows_of(plane)["3"]["_unfit"] == '{"title":{"no": "text"}}'


TYPES = sorted(ARROW_TYPES)
NAMES = st.sampled_from(["a", "b", "a__string", "a__double", "a__string_2", "b__date"])
LANDED = st.dictionaries(
    NAMES,
    st.builds(
        LandedColumn,
        st.frozensets(st.sampled_from(TYPES), min_size=1, max_size=2),
        st.sampled_from(["", "a", "b"]),
    ),
)


@given(st.dictionaries(NAMES, st.sampled_from(TYPES), min_size=1), LANDED)
def test_each_field_has_one_column_of_its_type_and_its_own(
    types: dict[str, str], landed: dict[str, LandedColumn]
) -> None:
    fields = tuple(FieldDescriptor(name, type_) for name, type_ in types.items())
    found = retyped(fields, landed, Policy())
    assert len({f.name for f in found}) == len(fields)
    assert retyped(fields, landed, Policy()) == found
    for field, column in zip(fields, found, strict=True):
        there = landed.get(column.name)
        of = column.of if isinstance(column, RetypedField) else ""
        assert (of or column.name) == field.name and column.type == field.type
        assert there is None or (field.type in there.types and there.of == of)
