"""The landed table: created on first use, evolved by addition only."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import (
    NamespaceAlreadyExistsError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.types import (
    BooleanType,
    DateType,
    DoubleType,
    IcebergType,
    LongType,
    NestedField,
    StringType,
    TimestamptzType,
)

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.landing_fields import RetypedField
from inlet_sdk.ports.sink_endpoint import LandedColumn, SinkTarget, SliceCommit
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_worker.staging.columns import RAW

ROW_ID = "_row_id"
DELETED_AT = "_deleted_at"
BOUNDS = "write.metadata.metrics.column."
TYPES: dict[str, IcebergType] = {
    "string": StringType(),
    "json": StringType(),
    "long": LongType(),
    "double": DoubleType(),
    "boolean": BooleanType(),
    "timestamp": TimestamptzType(),
    "date": DateType(),
}


_RETYPED = re.compile(r"Values of `(.*)` since its type changed\.")


def key_columns(commit: SliceCommit) -> list[str]:
    """What identifies a row: the policy's primary keys, else `_row_id`."""
    return list(commit.policy.primary_keys) or [ROW_ID]


def keys_of(table: Table) -> tuple[str, ...]:
    """What the table was made to be keyed by: its files are sorted by it."""
    held = set(table.schema().column_names)
    named = [
        name.removeprefix(BOUNDS)
        for name, kept in table.properties.items()
        if name.startswith(BOUNDS) and kept == "full"
    ]
    return tuple(name for name in named if name in held) or (table.schema().fields[0].name,)


def landed_columns(
    fields: Sequence[FieldDescriptor], commit: SliceCommit
) -> list[tuple[str, IcebergType]]:
    """Names and types of the landed table's columns, in order."""
    columns = [(f.name, TYPES[f.type]) for f in fields]
    columns.append((RAW if commit.policy.keep_raw else UNFIT, StringType()))
    if key_columns(commit) == [ROW_ID]:
        columns.append((ROW_ID, StringType()))

    system = [
        ("_run_id", StringType()),
        ("_landed_at", TimestamptzType()),
        ("_version", StringType()),
    ]
    return [*columns, *system, (DELETED_AT, TimestamptzType())]


def columns_of(table: Table) -> dict[str, LandedColumn]:
    """The table's columns. One that a field got when its type changed says so in its comment."""
    return {
        field.name: LandedColumn(_field_types(field.field_type), _of(field.doc))
        for field in table.schema().fields
    }


def open_table(catalog: Catalog, target: SinkTarget, commit: SliceCommit) -> Table:
    """The table, made if it is not there."""
    identifier = (target.namespace, target.table)
    try:
        return catalog.load_table(identifier)
    except NoSuchTableError:
        pass

    if not catalog.namespace_exists(target.namespace):
        try:
            catalog.create_namespace(target.namespace)
        except NamespaceAlreadyExistsError:
            pass
        except Exception:
            # SQLite reports the loser of a race as a broken constraint.
            if not catalog.namespace_exists(target.namespace):
                raise

    columns = landed_columns(target.fields, commit)
    docs = retyped_docs(target)
    schema = Schema(
        *(
            NestedField(n, name, type_, doc=docs.get(name))
            for n, (name, type_) in enumerate(columns, 1)
        )
    )
    try:
        return catalog.create_table(
            identifier, schema, properties=table_properties(key_columns(commit))
        )
    except TableAlreadyExistsError:
        return catalog.load_table(identifier)


def table_properties(keys: Sequence[str]) -> dict[str, str]:
    """Bounds of the key columns whole, since merges plan by them; of the others counts. The writer
    never rebases a commit by itself: it would land a slice twice.
    """
    bounds = {BOUNDS + key: "full" for key in keys}
    return {
        "commit.retry.num-retries": "0",
        "write.metadata.metrics.default": "counts",
        "write.metadata.delete-after-commit.enabled": "true",
        "write.metadata.previous-versions-max": "50",
        "write.parquet.compression-codec": "zstd",
        **bounds,
    }


def missing_columns(
    table: Table, target: SinkTarget, commit: SliceCommit
) -> list[tuple[str, IcebergType]]:
    """Columns to add before the data. Raises SINK_REJECTED on a changed type and SCHEMA_FROZEN by
    `policy.schema`.
    """
    landed = {field.name: field.field_type for field in table.schema().fields}
    wanted = landed_columns(target.fields, commit)

    for name, type_ in wanted:
        if name in landed and landed[name] != type_:
            raise FatalError(
                "SINK_REJECTED",
                f"Column {name} is {landed[name]} in {target.table}, but the source now says "
                f"{type_}: rename the column in the table, or land the unit in a table of its own.",
            )

    missing = [(name, type_) for name, type_ in wanted if name not in landed]
    schema_policy = commit.policy.schema
    new = [name for name, _ in missing if name != UNFIT]  # ours, not the source's
    if new and schema_policy == "freeze":
        raise FatalError(
            "SCHEMA_FROZEN",
            f"New columns {', '.join(new)}: set policy.schema to evolve to take them.",
        )

    return missing if schema_policy == "evolve" else []


def add_columns(
    table: Table, missing: Sequence[tuple[str, IcebergType]], target: SinkTarget
) -> Table:
    """Add columns, each nullable. Raises CommitFailedException when another writer was first."""
    docs = retyped_docs(target)
    with table.update_schema() as update:
        for name, type_ in missing:
            update.add_column(name, type_, doc=docs.get(name))
    return table.refresh()


def retyped_docs(target: SinkTarget) -> dict[str, str]:
    """The comments of columns for fields whose type changed: they name the field."""
    return {
        field.name: f"Values of `{field.of}` since its type changed."
        for field in target.fields
        if isinstance(field, RetypedField) and field.of
    }


def _of(doc: str | None) -> str:
    found = _RETYPED.fullmatch(doc or "")
    return found[1] if found else ""


def _field_types(type_: IcebergType) -> frozenset[str]:
    return frozenset(name for name, own in TYPES.items() if own == type_)
