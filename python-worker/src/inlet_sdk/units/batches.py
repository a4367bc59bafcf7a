"""Rows out of records, and batches out of rows, the same way for every unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from inlet_sdk.http.columns import ColumnReader, is_id, to_id
from inlet_sdk.http.exact_values import to_string
from inlet_sdk.http.json_record import TOO_DEEP, Record
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row, SourceBatch, SourceWarning

MakeRow = Callable[[Record], dict[str, Any]]


def row_maker(columns: ColumnReader, key: str, numbers: Sequence[str] = ()) -> MakeRow:
    """A maker of rows from records that land as they are served. Raises ValueError for a record
    without its key, and for one of `numbers`, by which a census compares, that is none.
    """

    def make(record: Record) -> dict[str, Any]:
        row = columns.read(record.members())
        if not row.get(key):
            raise ValueError(f"`{key}` is missing")
        for name in numbers:
            if name in row and not is_id(row[name]):
                raise ValueError(f"`{name}` is no id of 64 bits")
        row["_raw"] = record.text()
        return row

    return make


def make_rows(
    records: Iterable[Record],
    make: MakeRow,
    extra: dict[str, Any] | None = None,
    *,
    key: str | None = None,
) -> tuple[list[Row], list[QuarantinedRecord]]:
    """The rows, and the records that cannot be one; `key` names the member that identifies them."""
    rows: list[Row] = []
    bad: list[QuarantinedRecord] = []
    for record in records:
        try:
            row = make(record)
        except (msgspec.DecodeError, ValueError, RecursionError, OverflowError) as e:
            bad.append(replace(invalid(record, reason_of(e), _key(record, key)), row=extra))
            continue

        if extra:
            row.update(extra)
        rows.append(row)
    return rows, bad


def batch(
    context: IngestionContext,
    rows: Sequence[Row],
    resume: dict[str, Any],
    *,
    cursor: dict[str, Any] | None = None,
    quarantined: Sequence[QuarantinedRecord] = (),
    warnings: Sequence[SourceWarning] = (),
) -> SourceBatch:
    """A batch, counted in the run's progress."""
    context.progress.rows += len(rows)
    context.on_progress(context.progress)
    return SourceBatch(rows, resume, cursor, quarantined, warnings)


def invalid(record: Record, reason: str, key: str | None = None) -> QuarantinedRecord:
    """A record for quarantine, with its text as far as it is text."""
    text = bytes(record.original).decode(errors="replace")
    return QuarantinedRecord(key, "RECORD_INVALID", reason, text)


def ids_again(context: IngestionContext) -> tuple[int, ...]:
    """Of `context.again`, what a source with numeric ids can be asked for."""
    return tuple(to_id(name) for name in context.again if is_id(name))


def _key(record: Record, name: str | None) -> str | None:
    """What the record says of its identity, if anything."""
    try:
        return to_string(record.members()[name or ""]) or None
    except (msgspec.DecodeError, KeyError, ValueError, RecursionError):
        return None


def reason_of(error: Exception) -> str:
    """Why a record cannot be a row."""
    if isinstance(error, UnicodeDecodeError):
        return "The record is not UTF-8."
    if isinstance(error, RecursionError) or TOO_DEEP in str(error):
        return f"The record cannot be landed: {TOO_DEEP}."
    if isinstance(error, msgspec.DecodeError):
        return "The record is not an object."
    return f"The record cannot be landed: {error}."
