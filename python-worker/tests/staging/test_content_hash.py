"""What makes two rows the same version: every column that lands, and the mapping that made it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.landing_fields import NewField
from inlet_sdk.ports.row_mapping import RowMapping
from inlet_worker.staging.columns import HASH, fit, staged_schema
from inlet_worker.staging.mapping import fingerprint_of
from inlet_worker.staging.row_version import hash_of, mapping_of, order_of, versions

COLUMNS = (
    FieldDescriptor("id", "string", nullable=False),
    FieldDescriptor("title", "string"),
    FieldDescriptor("labels", "json"),
    FieldDescriptor("votes", "long"),
    FieldDescriptor("share", "double"),
    FieldDescriptor("open", "boolean"),
    FieldDescriptor("due", "date"),
    FieldDescriptor("updated", "timestamp"),
)
ROOT = Path(__file__).parents[2]
KEPT, DROPPED = RowMapping(keep_raw=True), RowMapping(keep_raw=False)
GOLDEN = {
    "id": "1",
    "title": "Grüße\x00",
    "labels": '["a"]',
    "votes": -3,
    "share": 0.1,
    "open": False,
    "due": date(2026, 2, 28),
    "updated": datetime(2026, 11, 30, 12, 0, 0, 1, tzinfo=UTC),
    "_raw": '{"id":"1"}',
}

TEXTS = (
    st.none() | st.sampled_from(["", "a", "ab", "b", "0", "1", "þÿ", "\x00", "a\x00"]) | st.text()
)
ROWS = st.fixed_dictionaries(
    {
        "id": TEXTS.filter(bool),
        "title": TEXTS,
        "labels": st.none() | st.sampled_from(["[]", "[1]", '["ab"]']),
        "votes": st.none() | st.integers(-(2**63), 2**63 - 1),
        "share": st.none() | st.sampled_from([0.0, -0.0, 1.0]) | st.floats(allow_nan=False),
        "open": st.none() | st.booleans(),
        "due": st.none() | st.dates(),
        "updated": st.none() | st.datetimes(timezones=st.just(UTC)),
        "_raw": st.sampled_from([None, "", "{}", '{"a":1}']),
    }
)


def hashes(
    rows: Sequence[dict[str, Any]],
    mapping: RowMapping = KEPT,
    columns: Sequence[FieldDescriptor] = COLUMNS,
) -> list[str]:
    fitted = fit(rows, staged_schema(columns, mapping))
    assert not fitted.misfits
    return list(fitted.batch.column(HASH).to_pylist())


def landed(row: dict[str, Any], mapping: RowMapping) -> dict[str, Any]:
    """What the row is once it has landed."""
    return {name: value for name, value in row.items() if mapping.keep_raw or name != "_raw"}


@given(rows=st.lists(ROWS, min_size=2, max_size=6), keeps_raw=st.booleans())
def test_rows_have_one_version_just_when_they_are_equal_in_every_landed_column(
    rows: list[dict[str, Any]], keeps_raw: bool
) -> None:
    mapping = RowMapping(keep_raw=keeps_raw)
    found = hashes(rows, mapping)
    for row, one in zip(rows, found, strict=True):
        for other, another in zip(rows, found, strict=True):
            assert (one == another) == (landed(row, mapping) == landed(other, mapping))


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=6))
def test_a_version_does_not_depend_on_the_rows_beside_it(rows: list[dict[str, Any]]) -> None:
    assert hashes(rows) == [hashes([row])[0] for row in rows]


@settings(max_examples=60, deadline=None)
@given(row=ROWS, column=st.sampled_from([one.name for one in COLUMNS[1:]]))
def test_a_row_that_differs_in_one_landed_column_has_another_version(
    row: dict[str, Any], column: str
) -> None:
    others: dict[str, Any] = {**GOLDEN, "title": "another", "votes": 7, "share": 0.7, "open": True}
    other = {**row, column: others[column]}
    differs = row[column] != other[column]
    assert (hashes([row]) != hashes([other])) == differs


def test_a_value_that_moves_to_the_column_beside_it_is_another_version() -> None:
    columns = (FieldDescriptor("a", "string"), FieldDescriptor("b", "string"))
    rows = [{"a": "x"}, {"b": "x"}, {"a": "x", "b": ""}, {"a": "", "b": "x"}, {}]
    assert len(set(hashes(rows, columns=columns))) == len(rows)


def test_rows_of_record_batches_and_of_dicts_have_the_same_version() -> None:
    schema = staged_schema(COLUMNS, KEPT)
    (expected,) = hashes([GOLDEN])
    batch = fit([GOLDEN], schema).batch
    forged = batch.set_column(len(schema) - 1, HASH, pa.array(["0" * 32]))
    assert fit(forged.cast(schema), schema).batch.column(HASH).to_pylist() == [expected]


def test_raw_counts_where_it_lands_and_nowhere_else() -> None:
    other = {**GOLDEN, "_raw": '{"id":"1","more":1}'}
    assert hashes([GOLDEN]) != hashes([other])
    assert hashes([GOLDEN], DROPPED) == hashes([other], DROPPED)


@pytest.mark.parametrize(
    ("columns", "mapping"),
    [
        (COLUMNS[:-1], KEPT),
        ((*COLUMNS[:-1], replace(COLUMNS[-1], type="string")), KEPT),
        ((*COLUMNS, FieldDescriptor("more", "string")), KEPT),
        (COLUMNS, DROPPED),
        (COLUMNS, RowMapping(version=2)),
    ],
    ids=["a column less", "another type", "a column more", "no raw", "another making"],
)
def test_another_mapping_has_another_fingerprint(
    columns: Sequence[FieldDescriptor], mapping: RowMapping
) -> None:
    assert fingerprint_of(columns, mapping) != fingerprint_of(COLUMNS, KEPT)


def test_order_and_descriptions_of_columns_change_no_version() -> None:
    others = tuple(replace(one, description="another") for one in reversed(COLUMNS))
    assert hashes([GOLDEN], columns=others) == hashes([GOLDEN])


def test_a_column_that_the_table_may_not_get_changes_no_version() -> None:
    kept_out = (*COLUMNS, NewField("more", "string"))
    assert hashes([GOLDEN], columns=kept_out) == hashes([GOLDEN])


def test_a_version_is_the_one_that_earlier_releases_of_this_making_gave() -> None:
    """Pinned: a change here lands every row of every table once more. Raise `FITTING` or the unit's
    `mapping_version` if that is meant.
    """
    assert hashes([GOLDEN]) == ["52b79026051a50536f5b24950137a319"]
    assert hashes([GOLDEN], DROPPED) == ["30095b373f4c303ebf7a6a16aa114c1c"]


def test_another_process_gives_the_same_version() -> None:
    code = "from tests.staging.test_content_hash import GOLDEN, hashes; print(hashes([GOLDEN])[0])"
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=paths,
    )
    assert run.stdout.strip() == hashes([GOLDEN])[0]


def test_a_version_has_its_parts_where_they_are_looked_for() -> None:
    batch = fit([GOLDEN], staged_schema(COLUMNS, KEPT)).batch
    version = versions(batch, ["updated"])
    assert mapping_of(version).to_pylist() == [fingerprint_of(COLUMNS, KEPT)]
    assert hash_of(version).to_pylist() == hashes([GOLDEN])
    assert order_of(version).to_pylist() == ["2026-11-30T12:00:00.000001Z"]
