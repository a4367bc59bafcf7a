"""The columns of a staged slice, and how a vendor's record is fitted to them. A value that does not
fit its column is counted and kept as text, and a row that cannot be told from others is a misfit;
nothing is rounded, cut or guessed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.landing_fields import NewField, RetypedField
from inlet_sdk.ports.row_mapping import RowMapping
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_sdk.ports.staging_provider import Misfit
from inlet_worker.staging.coercion import COERCE, EXACT
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
OF = "of"
"""Metadata of a staged column: the field of a RetypedField."""
MAPPING, KEEPS_RAW = b"mapping", b"keepsRaw"
"""Metadata of a staged schema: the digest of the mapping, and whether `_raw` lands."""


@dataclass(frozen=True)
class Fitted:
    """The rows that fit, in order, and those that did not. `unfit`: how many values of those that
    fit did not, by column.
    """

    batch: pa.RecordBatch
    misfits: tuple[Misfit, ...]
    unfit: Counter[str] = field(default_factory=Counter)


def staged_schema(
    fields: Sequence[FieldDescriptor], mapping: RowMapping | None = None
) -> pa.Schema:
    """Typed columns, then `_raw`, `_unfit` and `_hash`. A field that is not nullable refuses rows
    without a value.
    """
    mapping = mapping or RowMapping()
    typed = [
        pa.field(f.name, ARROW_TYPES[f.type], nullable=f.nullable, metadata=_metadata(f))
        for f in fields
    ]
    digest = digest_of(landing_fields(fields), mapping)
    return pa.schema(
        [*typed, *(pa.field(name, pa.string()) for name in (RAW, UNFIT, HASH))],
        {MAPPING: digest.encode(), KEEPS_RAW: b"yes" if mapping.keep_raw else b"no"},
    )


def landing_fields(fields: Sequence[FieldDescriptor]) -> list[FieldDescriptor]:
    """The fields that become columns of the landed table."""
    return [field for field in fields if not isinstance(field, NewField)]


def _metadata(field: FieldDescriptor) -> dict[str, str]:
    of = field.of if isinstance(field, RetypedField) else ""
    known = {"type": field.type, OF: of}
    return {**known, NEW: "yes"} if isinstance(field, NewField) else known


def kind_of(field: pa.Field) -> str:
    """The column type of a staged column."""
    return (field.metadata or {}).get(b"type", b"string").decode()  # type: ignore[no-any-return]


def kept_out(schema: pa.Schema) -> list[str]:
    """The staged columns that are NewFields."""
    return [field.name for field in schema if NEW.encode() in (field.metadata or {})]


def fit(rows: pa.RecordBatch | Iterable[Mapping[str, Any]], schema: pa.Schema) -> Fitted:
    """Type the rows. Columns that the schema lacks are dropped (they are in `_raw`); missing ones
    are null.
    """
    new = kept_out(schema)
    if isinstance(rows, pa.RecordBatch):
        if rows.schema.equals(schema) and not new:
            hashes = content_hashes_of(schema, rows.columns[:-1])
            return Fitted(
                pa.RecordBatch.from_arrays([*rows.columns[:-1], hashes], schema=schema), ()
            )
        rows = rows.to_pylist()
    rows = list(rows)

    faults = Faults([dict(_told(row)) for row in rows])
    arrays = [_column(field, rows, faults) for field in schema if field.name not in (UNFIT, HASH)]
    arrays.append(pa.array([as_json(texts) for texts in faults.unfit], pa.string()))
    drifted = _drifted(schema, arrays, new, faults)
    arrays.append(content_hashes_of(schema, arrays))

    batch = pa.RecordBatch.from_arrays(
        arrays, schema=pa.schema([f.with_nullable(True) for f in schema])
    )
    reasons = faults.reasons
    if reasons:
        batch = batch.filter(pa.array([i not in reasons for i in range(len(rows))], pa.bool_()))

    misfits = tuple(Misfit(i, reasons[i], rows[i], _code(i in drifted)) for i in sorted(reasons))
    unfit = Counter(
        name for i, texts in enumerate(faults.unfit) if i not in reasons for name in texts
    )
    return Fitted(pa.RecordBatch.from_arrays(batch.columns, schema=schema), misfits, unfit)


@dataclass
class Faults:
    """`unfit`: by row, the columns whose value does not fit, with its JSON text. `reasons`: why a
    row is left out, by its position.
    """

    unfit: list[dict[str, str]]
    reasons: dict[int, str] = field(default_factory=dict)

    def add(self, column: pa.Field, index: int, value: Any, kind: str) -> None:
        """A row is left out only where the value identifies it."""
        if column.nullable:
            self.unfit[index][column.name] = _json_text(value)
        else:
            what = f"{column.name} is not a {kind}: got {type(value).__name__}"
            self.reasons.setdefault(index, what)


def _told(row: Mapping[str, Any]) -> Mapping[str, str]:
    """What the source says did not fit."""
    told = row.get(UNFIT)
    return told if isinstance(told, Mapping) else {}


def as_json(texts: Mapping[str, str]) -> str | None:
    """An object of JSON texts."""
    if not texts:
        return None
    members = (f"{json.dumps(name)}:{text}" for name, text in texts.items())
    return "{" + ",".join(members) + "}"


def _json_text(value: Any) -> str:
    try:
        return json.dumps(value, default=str, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):
        return json.dumps(f"a {type(value).__name__}")


def _drifted(
    schema: pa.Schema, arrays: Sequence[pa.Array], new: Sequence[str], faults: Faults
) -> set[int]:
    """Rows that would fit but for a value in a new column."""
    drifted: set[int] = set()
    for name in new:
        for i, valid in enumerate(arrays[schema.get_field_index(name)].is_valid().to_pylist()):
            if (valid or name in faults.unfit[i]) and i not in faults.reasons:
                faults.reasons[i] = (
                    f"{name} is a new column: set policy.schema to evolve to take it"
                )
                drifted.add(i)
    return drifted


def _code(drifted: bool) -> str:
    return "SCHEMA_FROZEN" if drifted else "RECORD_INVALID"


def _column(field: pa.Field, rows: Sequence[Mapping[str, Any]], faults: Faults) -> pa.Array:
    values = [row.get(field.name) for row in rows]
    kind = kind_of(field)

    if kind not in ("timestamp", "date") and {type(v) for v in values} <= EXACT[kind]:
        try:
            array = pa.array(values, field.type)
            return array if field.nullable else _refuse_nulls(field.name, array, faults.reasons)
        except (pa.ArrowException, OverflowError, UnicodeError):
            pass  # one value is at fault: find it below

    array = pa.array([_fitted(field, kind, i, v, faults) for i, v in enumerate(values)], field.type)
    return array if field.nullable else _refuse_nulls(field.name, array, faults.reasons)


def _refuse_nulls(name: str, array: pa.Array, reasons: dict[int, str]) -> pa.Array:
    if array.null_count:
        for i, valid in enumerate(array.is_valid().to_pylist()):
            if not valid:
                reasons.setdefault(i, f"{name} is null, but it identifies the record")
    return array


def _fitted(field: pa.Field, kind: str, index: int, value: Any, faults: Faults) -> Any:
    if value is None:
        return None
    try:
        fitted = COERCE[kind](value)
        pa.scalar(fitted, field.type)
    except (ValueError, TypeError, OverflowError, RecursionError, pa.ArrowException):
        faults.add(field, index, value, kind)
        return None
    return fitted


def content_hashes_of(schema: pa.Schema, arrays: Sequence[pa.Array]) -> pa.Array:
    """`_hash` of the rows whose other columns, as the schema orders them, are given."""
    told = schema.metadata
    keeps_raw = told[KEEPS_RAW] == b"yes"
    apart = {RAW, UNFIT} if keeps_raw else {RAW}
    columns = {
        field.name: array
        for field, array in zip(schema, arrays, strict=False)
        if field.name not in apart and NEW.encode() not in (field.metadata or {})
    }
    raw = arrays[schema.get_field_index(RAW)] if keeps_raw else None
    return content_hashes(columns, raw, len(arrays[0]), told[MAPPING].decode())
