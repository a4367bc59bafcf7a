"""SQLite, by Python's own module: a file of this machine, for the local environment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

import pyarrow as pa

from inlet_worker.sinks.jdbc import failures
from inlet_worker.sinks.jdbc.columns import Room
from inlet_worker.sinks.jdbc.database import Database, Row
from inlet_worker.sinks.jdbc.names import NameRules
from inlet_worker.sinks.jdbc.place import JdbcPlace
from inlet_worker.sinks.jdbc.values import ARROW, finite

WAIT_SECONDS = 60
"""A lock belongs to a process, and one that is frozen in a write keeps it: others fail then, with a
retry.
"""


class SqliteDatabase(Database):
    """A connection to a file."""

    rules = NameRules(longest=63, folds=True)
    mark = "?"
    types: ClassVar[dict[str, str]] = {
        "text": "TEXT",
        "long": "INTEGER",
        "double": "REAL",
        "boolean": "BOOLEAN",
        "timestamp": "TEXT",
        "date": "TEXT",
        "serial": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "bytes": "BLOB",
        "digest": "BLOB",
        "name": "TEXT",
        "count": "INTEGER",
        "act": "TEXT",
    }
    locked = ""  # a transaction has the whole file to itself
    room = Room(1900, dict.fromkeys(ARROW, 1))  # SQLite counts columns, of which it takes 2,000

    def __init__(self, place: JdbcPlace) -> None:
        with _told():
            self._connection = sqlite3.connect(
                place.path or "",
                timeout=WAIT_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")

    def quote(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def table(self, name: str) -> str:
        return self.quote(name)

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        with _told():
            return self._connection.execute(sql, parameters).rowcount

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with _told():
            return self._connection.execute(sql, parameters).fetchall()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        with _told():
            yield from self._connection.execute(sql, parameters)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        # At once: a lock that is raised later may have to be given up for another's.
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        with self._transaction("BEGIN"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with _told():
            self._connection.execute(begin)
            try:
                yield
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def making(self) -> Iterator[None]:
        with self.transaction():
            yield

    def columns_of(self, table: str) -> frozenset[str] | None:
        found = self.rows("SELECT name FROM pragma_table_info(?)", (table,))
        return frozenset(str(name) for (name,) in found) if found else None

    def load(self, table: str, columns: Sequence[str], batches: Iterable[pa.RecordBatch]) -> None:
        names = ", ".join(map(self.quote, columns))
        statement = f"INSERT INTO {self.table(table)} ({names}) VALUES ({self.marks(len(columns))})"
        for batch in batches:
            values = [_values(column) for column in batch.columns]
            with self.transaction():
                self._connection.executemany(statement, zip(*values, strict=True))

    def analyze(self, table: str) -> None:
        self.run(f"ANALYZE {self.table(table)}")

    def last(self, expression: str, characters: int) -> str:
        return f"substr({expression}, -{characters})"

    def delete_marked(self, table: str, key: str, marks: str, where: str) -> str:
        return f"DELETE FROM {table} WHERE {key} IN (SELECT p.k FROM {marks} p WHERE {where})"

    def update_marked(self, table: str, key: str, marks: str, change: str) -> str:
        column = change.partition(" = ")[0]
        return (
            f"UPDATE {table} SET {change} "
            f"WHERE {column} IS NULL AND {key} IN (SELECT p.k FROM {marks} p)"
        )

    def parameter(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return value

    def server(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._connection.close()


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_floating(column.type):
        column = finite(column)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"))
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.string())
    found: list[Any] = column.to_pylist()
    return found


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as e:
        raise _failure(e) from None


def _failure(error: sqlite3.Error) -> Exception:
    name = str(getattr(error, "sqlite_errorname", None) or type(error).__name__)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CONSTRAINT", "SQLITE_SCHEMA")):
        return failures.DatabaseConflict()
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return failures.rights_refused(name)
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_NOTADB")):
        return failures.place_refused(name, "config.path")
    if name.startswith(("SQLITE_IOERR", "SQLITE_FULL", "SQLITE_NOMEM", "SQLITE_PROTOCOL")):
        return failures.unavailable(name)
    return failures.refused(name)
