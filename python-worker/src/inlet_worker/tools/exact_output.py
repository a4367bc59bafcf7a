"""What an engine answers, as the columns that were declared: exactly, or not at all."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.errors import FatalError


def exact_batch(batch: pa.RecordBatch, output: pa.Schema) -> pa.RecordBatch:
    """The batch with the types of `output`. Raises FatalError `TRANSFORM_FAILED` naming the first
    column that is another one, or holds a value that does not fit.
    """
    if batch.schema.names != output.names:
        raise failed(
            f"The transform made the columns {named(batch.schema.names)} where "
            f"{named(output.names)} were declared. Make the same columns whatever the rows are."
        )
    arrays = [_exact(batch.column(n), field) for n, field in enumerate(output)]
    return pa.RecordBatch.from_arrays(arrays, schema=output)


def named(names: list[str]) -> str:
    """The first of them, short enough for a message."""
    first = ", ".join(name[:60] for name in names[:10])
    return f"{first} and {len(names) - 10} more" if len(names) > 10 else first


def failed(message: str) -> FatalError:
    """The refusal of what a program did with its rows."""
    return FatalError("TRANSFORM_FAILED", message, details={"field": "policy.transform"})


def _exact(array: pa.Array, field: pa.Field) -> pa.Array:
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if array.type != field.type and not _is_same_kind(array, field.type):
        raise failed(
            f"Column {field.name} is {array.type} by now and was declared as {field.type}. Cast it "
            "to one type."
        )
    try:
        exact = array if array.type == field.type else pc.cast(array, field.type, safe=True)
    except pa.ArrowException:
        raise failed(
            f"A value of column {field.name} does not fit {field.type}. Cast or clip it in the "
            "transform."
        ) from None

    if exact.null_count and not field.nullable:
        raise failed(f"Column {field.name} is null in a row, but it identifies rows. Keep it.")
    return exact


def _is_same_kind(array: pa.Array, wanted: pa.DataType) -> bool:
    """Whether the types differ in width only: a cast then keeps every value that fits."""
    given = array.type
    if pa.types.is_null(given) or array.null_count == len(array):
        return True
    if pa.types.is_dictionary(given):
        given = given.value_type
    return any(is_kind(given) and is_kind(wanted) for is_kind in _KINDS)


def _is_whole(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or (pa.types.is_decimal(type_) and type_.scale == 0))


def _is_text(type_: pa.DataType) -> bool:
    return any(
        is_text(type_)
        for is_text in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    )


def _is_instant(type_: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(type_) and type_.tz is not None)


_KINDS = (_is_whole, _is_text, _is_instant, pa.types.is_floating, pa.types.is_decimal)
