"""The table of a target: made when something lands for the first time, and given the columns that a
slice needs, before its data.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.sink_endpoint import SinkTarget, SliceCommit
from inlet_worker.sinks.jdbc.bookkeeping import (
    TARGETS,
    Landed,
    find_target,
    forget_receipts,
    make_tables,
    put_target,
)
from inlet_worker.sinks.jdbc.columns import (
    KEY,
    ORDER,
    ROW,
    Column,
    key_columns,
    missing_columns,
    named_columns,
    wanted_columns,
)
from inlet_worker.sinks.jdbc.database import Database
from inlet_worker.sinks.jdbc.names import table_name
from inlet_worker.sinks.jdbc.values import Kind


@dataclass(frozen=True)
class Home:
    """`table` is its physical name; `landed` what the target's row said, with those of its columns
    that are really there.
    """

    table: str
    landed: Landed


def find_home(database: Database, target: SinkTarget) -> Home | None:
    """The table of a target; None where it is not there."""
    table = table_name(target.namespace, target.table)
    if database.columns_of(TARGETS) is None:
        return None
    landed, physical = find_target(database, table), database.columns_of(table)
    return Home(table, _there(landed, physical)) if landed and physical else None


def open_home(database: Database, target: SinkTarget, commit: SliceCommit) -> Home:
    """The table, made if it is not there."""
    return find_home(database, target) or _make(database, target, commit)


def evolved(database: Database, target: SinkTarget, commit: SliceCommit, home: Home) -> Home:
    """The table with the columns that the commit needs. Idempotent. Raises as `missing_columns`."""
    if not missing_columns(home.landed.columns, target, commit):
        return home

    with database.making():
        found = find_target(database, home.table)
        physical = database.columns_of(home.table)
        if found is None or physical is None:
            raise _gone(target)
        landed = _there(found, physical)
        wanted = missing_columns(landed.columns, target, commit)

        # A column that somebody dropped comes back under the name it had.
        had = {column.name: column for column in found.columns}
        back = [had[one.name] for one in wanted if one.name in had]
        fresh = [one for one in wanted if one.name not in had]
        new = named_columns(fresh, found.columns, database.room, database.rules)

        # First what they are to be: not every database undoes an ALTER TABLE.
        if new:
            columns = (*found.columns, *new)
            put_target(database, home.table, replace(found, columns=columns), there=True)
        for name, kind in _physical((*back, *new)).items():
            if name not in physical:
                definition = f"{database.quote(name)} {database.types[kind]}"
                database.run(f"ALTER TABLE {database.table(home.table)} ADD COLUMN {definition}")
        return Home(home.table, replace(landed, columns=(*landed.columns, *back, *new)))


def _make(database: Database, target: SinkTarget, commit: SliceCommit) -> Home:
    table = table_name(target.namespace, target.table)
    wanted = wanted_columns(target.fields, commit)
    columns = named_columns(wanted, (), database.room, database.rules)

    with database.making():
        make_tables(database)
        before, physical = find_target(database, table), database.columns_of(table)
        if before and physical:
            return Home(table, _there(before, physical))  # another was first
        if physical:
            raise FatalError(
                "SINK_REJECTED",
                f"The sink's database has a table {table} that Inlet did not make. Rename it.",
            )

        landed = Landed(
            made=uuid.uuid4().hex,
            # What was fenced stays fenced, though its table was dropped.
            epoch=before.epoch if before else 0,
            commits=0,
            keys=key_columns(commit),
            columns=columns,
            facts={},
        )
        forget_receipts(database, table)
        put_target(database, table, landed, there=before is not None)
        _create(database, table, columns)
        return Home(table, landed)


def _create(database: Database, table: str, columns: Sequence[Column]) -> None:
    types = database.types
    own = [(ROW, types["serial"]), (KEY, types["digest"]), (ORDER, types["bytes"])]
    theirs = [(name, types[kind]) for name, kind in _physical(columns).items()]
    database.create(table, [*own, *theirs], index=KEY)


def _there(landed: Landed, physical: frozenset[str]) -> Landed:
    return replace(landed, columns=tuple(c for c in landed.columns if c.physical in physical))


def _gone(target: SinkTarget) -> FatalError:
    return FatalError(
        "SINK_REJECTED", f"The table of {target.table} was dropped meanwhile. Run the unit again."
    )


def _physical(columns: Sequence[Column]) -> dict[str, Kind]:
    """Each column of the database once, with what it is made of."""
    return {c.physical: "text" if c.packed else c.kind for c in columns}
