"""The columns of a landed table: those of the dataset, those that every landed table has, and those
by which this sink merges, which nobody else is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.landing_fields import NewField, RetypedField, new_fields
from inlet_sdk.ports.sink_endpoint import LandedColumn, SinkTarget, SliceCommit
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_worker.sinks.jdbc.names import NameRules, column_name
from inlet_worker.sinks.jdbc.values import KINDS, Kind
from inlet_worker.staging.columns import RAW

ROW_ID, RUN_ID, LANDED_AT = "_row_id", "_run_id", "_landed_at"
VERSION, DELETED_AT = "_version", "_deleted_at"
SYSTEM = (RAW, UNFIT, ROW_ID, RUN_ID, LANDED_AT, VERSION, DELETED_AT)
"""Every landed table has some of them."""
ROW, KEY, ORDER, MORE = "_inlet_row", "_inlet_key", "_inlet_order", "_inlet_more"
"""Columns of the sink itself: a number that grows with each landing, the hash of the row's key,
what orders its versions, as bytes, and the values of fields that have no column (`packing.py`).
"""


@dataclass(frozen=True)
class Column:
    """`name` is the port's, `physical` the database's. `of`: the field whose values it holds, where
    that has another name. `packed`: its values stand in `_inlet_more`.
    """

    name: str
    physical: str
    kind: Kind
    of: str = ""
    packed: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the control table keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class Wanted:
    """A column that a commit has values for."""

    name: str
    kind: Kind
    of: str = ""


@dataclass(frozen=True)
class Room:
    """What a row of a database has room for: bytes, and those that a value takes at most beside
    what is stored elsewhere. PostgreSQL and InnoDB keep a row on a page of 8 kB.
    """

    bytes: int
    of: Mapping[Kind, int]


def key_columns(commit: SliceCommit) -> tuple[str, ...]:
    """What identifies a row: the policy's primary keys, else `_row_id`."""
    return tuple(commit.policy.primary_keys) or (ROW_ID,)


def wanted_columns(fields: Sequence[FieldDescriptor], commit: SliceCommit) -> list[Wanted]:
    """The columns of the landed table that a commit needs, in order."""
    landing = [field for field in fields if not isinstance(field, NewField)]
    columns = [Wanted(f.name, KINDS[f.type], _of(f)) for f in landing]
    columns.append(Wanted(RAW if commit.policy.keep_raw else UNFIT, "text"))
    if key_columns(commit) == (ROW_ID,):
        columns.append(Wanted(ROW_ID, "text"))

    system = [Wanted(RUN_ID, "text"), Wanted(LANDED_AT, "timestamp"), Wanted(VERSION, "text")]
    return [*columns, *system, Wanted(DELETED_AT, "timestamp")]


def named_columns(
    wanted: Iterable[Wanted], landed: Sequence[Column], room: Room, rules: NameRules
) -> tuple[Column, ...]:
    """New columns with their names in the database; those that a row has no room for are packed.
    System columns keep their names, whatever the vendor's are called.
    """
    reserved = (ROW, KEY, ORDER, MORE, *SYSTEM, *(c.physical for c in landed if not c.packed))
    taken = {rules.fold(name) for name in reserved}
    left = room.bytes - sum(room.of[c.kind] for c in landed if not c.packed)
    left -= sum(room.of["text"] for _ in SYSTEM)

    columns = []
    for one in wanted:
        system = one.name in SYSTEM
        left -= 0 if system else room.of[one.kind]
        if left < 0 and not system:
            columns.append(Column(one.name, MORE, one.kind, one.of, packed=True))
            continue
        physical = one.name if system else column_name(one.name, rules, taken)
        taken.add(rules.fold(physical))
        columns.append(Column(one.name, physical, one.kind, one.of))
    return tuple(columns)


def missing_columns(
    landed: Sequence[Column], target: SinkTarget, commit: SliceCommit
) -> list[Wanted]:
    """Columns to add before the data: ours, and the source's as `policy.schema` has it. Raises as
    `new_fields`.
    """
    shown = shown_columns(landed)
    new = {field.name for field in new_fields(target, shown, commit.policy)}
    missing = [one for one in wanted_columns(target.fields, commit) if one.name not in shown]
    evolves = commit.policy.schema == "evolve"
    return [one for one in missing if evolves or one.name not in new]


def shown_columns(columns: Iterable[Column]) -> dict[str, LandedColumn]:
    """The columns as the port tells them."""
    return {
        column.name: LandedColumn(
            frozenset(type_ for type_, kind in KINDS.items() if kind == column.kind), column.of
        )
        for column in columns
    }


def _of(field: FieldDescriptor) -> str:
    return field.of if isinstance(field, RetypedField) else ""
