"""An engine's columns become those that were declared, exactly or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from inlet_sdk.errors import FatalError
from inlet_worker.tools.exact_output import exact_batch

CANARY = "canary-3c1d"


def a_batch(array: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([array], names=["x"])


@pytest.mark.parametrize(
    ("given", "wanted", "values"),
    [
        (pa.array([1, None], pa.int16()), pa.int64(), [1, None]),
        (pa.array([Decimal(2**63 - 1)], pa.decimal128(38, 0)), pa.int64(), [2**63 - 1]),
        (pa.array(["a"], pa.large_string()), pa.string(), ["a"]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), pa.string(), ["a", "b", "a"]),
        (pa.array([0.5], pa.float32()), pa.float64(), [0.5]),
        (pa.nulls(2), pa.string(), [None, None]),
    ],
)
def test_a_wider_or_narrower_type_of_one_kind_keeps_every_value(
    given: pa.Array, wanted: pa.DataType, values: list[Any]
) -> None:
    made = exact_batch(a_batch(given), pa.schema([("x", wanted)]))
    assert made.schema.field("x").type == wanted and made.column("x").to_pylist() == values


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (pa.array([1.5]), pa.int64()),
        (pa.array([1]), pa.float64()),
        (pa.array([2**40]), pa.int32()),
        (pa.array([Decimal(2**63)], pa.decimal128(38, 0)), pa.int64()),
        (pa.array([CANARY]), pa.int64()),
        (pa.array([0], pa.timestamp("us")), pa.timestamp("us", tz="UTC")),
        (pa.array([1], pa.timestamp("ns", tz="UTC")), pa.timestamp("us", tz="UTC")),
    ],
)
def test_another_kind_and_a_value_that_does_not_fit_are_refused(
    given: pa.Array, wanted: pa.DataType
) -> None:
    with pytest.raises(FatalError) as refused:
        exact_batch(a_batch(given), pa.schema([("x", wanted)]))
    assert refused.value.code == "TRANSFORM_FAILED" and "x" in refused.value.message
    assert CANARY not in refused.value.message


def test_a_null_where_rows_are_told_apart_is_refused() -> None:
    schema = pa.schema([pa.field("x", pa.string(), nullable=False)])
    with pytest.raises(FatalError, match="identifies"):
        exact_batch(a_batch(pa.array([None], pa.string())), schema)


def test_columns_in_another_order_are_refused() -> None:
    batch = pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], names=["a", "b"])
    with pytest.raises(FatalError, match="b, a were declared"):
        exact_batch(batch, pa.schema([("b", pa.int64()), ("a", pa.int64())]))
