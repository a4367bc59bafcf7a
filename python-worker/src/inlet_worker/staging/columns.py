"""The columns of a staged slice, and how a vendor's record is fitted to them. Rows that do not fit
come back as misfits with the reason; nothing is rounded, cut or guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pyarrow as pa

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.row_mapping import RowMapping
from inlet_sdk.ports.staging_provider import Misfit
from inlet_worker.staging.content_hash import content_hashes
from inlet_worker.staging.mapping import digest_of

RAW = "_raw"
HASH = "_hash"
"""Staged beside `_raw`: what `content_hash.py` makes of the row, from which sinks build `_version`
without reading the row again.
"""

ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "json": pa.string(),
    "long": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
}
NEW = "new"
"""Metadata of a staged column that is a NewField."""
MAPPING, KEEPS_RAW = b"mapping", b"keepsRaw"
"""Metadata of a staged schema: the digest of the mapping, and whether `_raw` lands."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Years 1 to 9999 in milliseconds: what a timestamp of every engine can hold.
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999


@dataclass(frozen=True)
class NewField(FieldDescriptor):
    """A column that the landed table lacks and may not get: a row with a value in it does
    not fit.
    """


@dataclass(frozen=True)
class Fitted:
    """The rows that fit, in order, and those that did not."""

    batch: pa.RecordBatch
    misfits: tuple[Misfit, ...]


def staged_schema(
    fields: Sequence[FieldDescriptor], mapping: RowMapping | None = None
) -> pa.Schema:
    """Typed columns, then `_raw` and `_hash`. A field that is not nullable refuses rows without a
    value.
    """
    mapping = mapping or RowMapping()
    typed = [
        pa.field(f.name, ARROW_TYPES[f.type], nullable=f.nullable, metadata=_metadata(f))
        for f in fields
    ]
    digest = digest_of(landing_fields(fields), mapping)
    return pa.schema(
        [*typed, pa.field(RAW, pa.string()), pa.field(HASH, pa.string())],
        {MAPPING: digest.encode(), KEEPS_RAW: b"yes" if mapping.keep_raw else b"no"},
    )


def landing_fields(fields: Sequence[FieldDescriptor]) -> list[FieldDescriptor]:
    """The fields that become columns of the landed table."""
    return [field for field in fields if not isinstance(field, NewField)]


def _metadata(field: FieldDescriptor) -> dict[str, str]:
    return {"type": field.type, NEW: "yes"} if isinstance(field, NewField) else {"type": field.type}


def fit(rows: pa.RecordBatch | Iterable[Mapping[str, Any]], schema: pa.Schema) -> Fitted:
    """Type the rows. Columns that the schema lacks are dropped (they are in `_raw`); missing ones
    are null.
    """
    new = [field.name for field in schema if NEW.encode() in (field.metadata or {})]
    if isinstance(rows, pa.RecordBatch):
        if rows.schema.equals(schema) and not new:
            hashes = _content_hashes(schema, rows.columns[:-1])
            return Fitted(
                pa.RecordBatch.from_arrays([*rows.columns[:-1], hashes], schema=schema), ()
            )
        rows = rows.to_pylist()
    rows = list(rows)

    reasons: dict[int, str] = {}
    arrays = [_column(field, rows, reasons) for field in schema if field.name != HASH]
    drifted = _drifted(schema, arrays, new, reasons)
    arrays.append(_content_hashes(schema, arrays))

    batch = pa.RecordBatch.from_arrays(
        arrays, schema=pa.schema([f.with_nullable(True) for f in schema])
    )
    if reasons:
        batch = batch.filter(pa.array([i not in reasons for i in range(len(rows))], pa.bool_()))

    misfits = tuple(Misfit(i, reasons[i], rows[i], _code(i in drifted)) for i in sorted(reasons))
    return Fitted(pa.RecordBatch.from_arrays(batch.columns, schema=schema), misfits)


def _drifted(
    schema: pa.Schema, arrays: Sequence[pa.Array], new: Sequence[str], reasons: dict[int, str]
) -> set[int]:
    """Rows that would fit but for a value in a new column."""
    drifted: set[int] = set()
    for name in new:
        for i, valid in enumerate(arrays[schema.get_field_index(name)].is_valid().to_pylist()):
            if valid and i not in reasons:
                reasons[i] = f"{name} is a new column: set policy.schema to evolve to take it"
                drifted.add(i)
    return drifted


def _code(drifted: bool) -> str:
    return "SCHEMA_FROZEN" if drifted else "RECORD_INVALID"


def _column(
    field: pa.Field, rows: Sequence[Mapping[str, Any]], reasons: dict[int, str]
) -> pa.Array:
    values = [row.get(field.name) for row in rows]
    kind = (field.metadata or {}).get(b"type", b"string").decode()

    if kind not in ("timestamp", "date") and {type(v) for v in values} <= _EXACT[kind]:
        try:
            array = pa.array(values, field.type)
            return array if field.nullable else _refuse_nulls(field.name, array, reasons)
        except (pa.ArrowException, OverflowError, UnicodeError):
            pass  # one value is at fault: find it below

    array = pa.array(
        [_fitted(field, kind, i, v, reasons) for i, v in enumerate(values)], field.type
    )
    return array if field.nullable else _refuse_nulls(field.name, array, reasons)


def _refuse_nulls(name: str, array: pa.Array, reasons: dict[int, str]) -> pa.Array:
    if array.null_count:
        for i, valid in enumerate(array.is_valid().to_pylist()):
            if not valid:
                reasons.setdefault(i, f"{name} is null, but it identifies the record")
    return array


def _fitted(field: pa.Field, kind: str, index: int, value: Any, reasons: dict[int, str]) -> Any:
    if value is None:
        return None
    try:
        fitted = _COERCE[kind](value)
        pa.scalar(fitted, field.type)
    except (ValueError, TypeError, OverflowError, pa.ArrowException):
        reasons.setdefault(index, f"{field.name} is not a {kind}: got {type(value).__name__}")
        return None
    return fitted


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | bytes | int):
        raise TypeError
    text = value.decode() if isinstance(value, bytes) else str(value)
    # A lone surrogate has no UTF-8 form: the column shows U+FFFD, `_raw` keeps the vendor's escape.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _json(value: Any) -> str:
    return _text(value) if isinstance(value, str) else orjson.dumps(value).decode()


def _long(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or int(value) != value:
        raise TypeError
    return int(value)


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _timestamp(value: Any) -> int:
    """Microseconds since the epoch, of a datetime, ISO 8601 text with an offset, or integer
    milliseconds.
    """
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return ((value if value.tzinfo else value.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
    millis = _long(value)
    if not _FIRST_MS <= millis <= _LAST_MS:
        raise ValueError
    return millis * 1000


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(value)


_COERCE: dict[str, Callable[[Any], Any]] = {
    "string": _text,
    "json": _json,
    "long": _long,
    "double": _double,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "date": _date,
}
_NONE = type(None)
# The Python types that Arrow converts without loss by itself (it would cut 1.5 to 1 in a long
# column).
_EXACT: dict[str, set[type]] = {
    "string": {str, bytes, _NONE},
    "json": {str, bytes, _NONE},
    "long": {int, _NONE},
    "double": {float, _NONE},
    "boolean": {bool, _NONE},
}


def _content_hashes(schema: pa.Schema, arrays: Sequence[pa.Array]) -> pa.Array:
    """`_hash` of the rows whose other columns, as the schema orders them, are given."""
    told = schema.metadata
    columns = {
        field.name: array
        for field, array in zip(schema, arrays, strict=False)
        if field.name != RAW and NEW.encode() not in (field.metadata or {})
    }
    raw = arrays[schema.get_field_index(RAW)] if told[KEEPS_RAW] == b"yes" else None
    return content_hashes(columns, raw, len(arrays[0]), told[MAPPING].decode())
