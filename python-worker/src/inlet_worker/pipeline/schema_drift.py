"""Columns whose field has another type than the landed table's, and columns that it lacks
(docs/adr/0036-types-that-change.md). Decided once, from the table as it is when a run begins, so
that staging, sink and census speak of the same columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pyarrow as pa

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.columnar_rows import ColumnarRows
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.landing_fields import NewField, RetypedField
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import Evidence
from inlet_sdk.ports.sink_endpoint import (
    LandedColumn,
    LandedTarget,
    SinkEndpoint,
    SinkTarget,
)
from inlet_sdk.ports.source_endpoint import UNFIT, Row
from inlet_worker.pipeline.summed_evidence import summed

Landed = Mapping[str, LandedColumn]
FIRST_COLUMNS = 5


def staged_fields(
    sink: SinkEndpoint, target: SinkTarget, policy: Policy
) -> tuple[FieldDescriptor, ...]:
    """The target's fields as they are staged and land. A field whose column has another type lands
    in a column of its own, a RetypedField; those that the policy keeps out are NewFields. Raises
    FatalError `SCHEMA_FROZEN` where the policy lets no column be retyped.
    """
    return fields_as_landed(sink.landed_target(target), target.fields, policy)


def fields_as_landed(
    target: LandedTarget | None, fields: Sequence[FieldDescriptor], policy: Policy
) -> tuple[FieldDescriptor, ...]:
    """The same of a target that was looked at before."""
    landed = target.columns if target else None
    if landed is None:
        return tuple(fields)

    fields = retyped(fields, landed, policy)
    if policy.schema == "freeze":
        _refuse_retyped(fields, landed)
    if policy.schema != "quarantine":
        return fields
    return tuple(f if f.name in landed else _kept_out(f) for f in fields)


def kept_whole(policy: Policy) -> Policy:
    """The policy for rows that are staged already, of which none can be set aside: a column that
    may not come stops the run.
    """
    return replace(policy, schema="freeze") if policy.schema == "quarantine" else policy


def retyped(
    fields: Sequence[FieldDescriptor], landed: Landed, policy: Policy
) -> tuple[FieldDescriptor, ...]:
    """Each field with a column that holds its type. What identifies and orders rows keeps its
    column: the sink refuses another type of it.
    """
    fixed = {*policy.primary_keys, policy.cursor_field, policy.sequence_field}
    taken = {field.name for field in fields}
    found: list[FieldDescriptor] = []
    for field in fields:
        if field.name in fixed or _holds(landed, field.name, field):
            found.append(field)
            continue

        name = next(
            name
            for name in _names(field)
            if _holds(landed, name, field, retyped=True) and (name in landed or name not in taken)
        )
        found.append(RetypedField(name, field.type, True, field.description, field.name))
    return tuple(found)


def landed_names(fields: Sequence[FieldDescriptor]) -> dict[str, str]:
    """The columns of fields that land under another name than the source's."""
    return {_of(f): f.name for f in fields if _of(f) != f.name}


def renamed(
    rows: Iterable[Row] | pa.RecordBatch, names: Mapping[str, str]
) -> Iterable[Row] | pa.RecordBatch:
    """Rows of the source with the names that their columns have when they land."""
    if not names:
        return rows
    if isinstance(rows, ColumnarRows):
        return rows.renamed(names)
    if isinstance(rows, pa.RecordBatch):
        return rows.rename_columns([names.get(name, name) for name in rows.schema.names])
    return [_renamed(row, names) for row in rows]


def retyped_evidence(fields: Sequence[FieldDescriptor]) -> tuple[Evidence, ...]:
    """Which fields land in a second column."""
    return summed(
        Evidence(
            "COLUMN_RETYPED",
            f"{_of(f)} is {f.type} at the source by now: its values land in {f.name}, and the "
            f"column {_of(f)} keeps those of before.",
            "info",
        )
        for f in fields
        if _of(f) != f.name
    )


def unfit_evidence(unfit: Counter[str]) -> tuple[Evidence, ...]:
    """How many values did not fit, and of which columns the most."""
    if not unfit:
        return ()
    most = ", ".join(f"{name} ({times})" for name, times in unfit.most_common(FIRST_COLUMNS))
    others = f" and {len(unfit) - FIRST_COLUMNS} more" if len(unfit) > FIRST_COLUMNS else ""
    message = (
        f"{unfit.total()} values do not fit their columns and are null there: {most}{others}. "
        "Each is in `_raw`, or in `_unfit` where policy.keepRaw is false. Collect the endpoint if "
        "the field has another type by now."
    )
    return (Evidence("VALUES_UNFIT", message, "info"),)


def _renamed(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    after = {names.get(name, name): value for name, value in row.items()}
    if isinstance(unfit := row.get(UNFIT), Mapping):
        after[UNFIT] = {names.get(name, name): text for name, text in unfit.items()}
    return after


def _names(field: FieldDescriptor) -> Iterator[str]:
    first = f"{field.name}__{field.type}"
    yield first
    yield from (f"{first}_{number}" for number in count(2))


def _holds(landed: Landed, name: str, field: FieldDescriptor, *, retyped: bool = False) -> bool:
    """Whether the table's column of that name, or one that it is to get, is this field's."""
    column = landed.get(name)
    if column is None:
        return True
    return field.type in column.types and column.of == (field.name if retyped else "")


def _of(field: FieldDescriptor) -> str:
    return (field.of if isinstance(field, RetypedField) else "") or field.name


def _kept_out(field: FieldDescriptor) -> NewField:
    of = _of(field)
    return NewField(field.name, field.type, True, field.description, "" if of == field.name else of)


def _refuse_retyped(fields: Sequence[FieldDescriptor], landed: Landed) -> None:
    changed = [f for f in fields if _of(f) != f.name and f.name not in landed]
    if not changed:
        return
    names = ", ".join(f"{_of(f)} ({f.type} by now)" for f in changed)
    raise FatalError(
        "SCHEMA_FROZEN",
        f"Columns with another type: {names}. Set policy.schema to evolve to land each in a "
        "second column.",
    )
