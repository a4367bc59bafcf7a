"""A connection to a database, as the sink needs it. `postgresql.py`, `mysql.py` and `sqlite.py` are
the three; what they do alike is here.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import pyarrow as pa

from inlet_worker.sinks.jdbc.columns import Room
from inlet_worker.sinks.jdbc.names import NameRules

Row = tuple[Any, ...]


class Database(ABC):
    """Every method raises `DatabaseConflict` for a lost race, `DatabaseLost` when the connection
    ended, RetryableError `SINK_UNAVAILABLE` for what may work later, and FatalError `SINK_REJECTED`
    for the rest; none of them with a driver's words. A context, which closes it.
    """

    rules: ClassVar[NameRules]
    mark: ClassVar[str]
    """Stands for a parameter in a statement."""
    types: ClassVar[Mapping[str, str]]
    """By `Kind`, and of the sink's own columns: `serial`, a number that grows; `bytes`; `digest`,
    32 of them; `name`, an indexed text of at most 255 characters; `count`; `act`, one letter.
    """
    locked: ClassVar[str] = " FOR UPDATE"
    """At the end of a query: no other transaction changes these rows, nor locks them."""
    room: ClassVar[Room]

    @abstractmethod
    def quote(self, name: str) -> str:
        """The name of a column as a statement has it, whatever it holds."""

    @abstractmethod
    def table(self, name: str) -> str:
        """The name of a table in the sink's schema as a statement has it."""

    @abstractmethod
    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Execute one statement; returns the rows it touched."""

    @abstractmethod
    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query with a small answer."""

    @abstractmethod
    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query, with one of them in memory. Nothing else may be asked meanwhile."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Commits at its end, or rolls back what an exception ends. `DatabaseLost` at its end: it
        may have committed. Other transactions' commits are seen by each statement.
        """

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[None]:
        """What is read meanwhile is of one instant. Holds up nobody who writes."""

    @abstractmethod
    def making(self) -> AbstractContextManager[None]:
        """While tables of the sink's schema are made or changed, nobody else does. Makes the schema
        where there is none. Not within a transaction.
        """

    @abstractmethod
    def columns_of(self, table: str) -> frozenset[str] | None:
        """The physical columns of a table; None where it is not there."""

    @abstractmethod
    def load(self, table: str, columns: Sequence[str], batches: Iterable[pa.RecordBatch]) -> None:
        """Insert rows, as fast as the database takes them. Columns of bytes are those that are
        binary in the batch. Not within a transaction.
        """

    @abstractmethod
    def analyze(self, table: str) -> None:
        """Let the database count a table that was filled, so that it plans by its size."""

    @abstractmethod
    def last(self, expression: str, characters: int) -> str:
        """The last characters of a text."""

    @abstractmethod
    def delete_marked(self, table: str, key: str, marks: str, where: str) -> str:
        """A statement that deletes the rows whose `key` is the `k` of a row of `marks` that fits
        `where` (of alias `p`).
        """

    @abstractmethod
    def update_marked(self, table: str, key: str, marks: str, change: str) -> str:
        """A statement that changes (`column = value`) the rows of alias `t` whose `key` is the `k`
        of a row of `marks`, where that column is null.
        """

    def typed(self, parameter: str, _kind: str) -> str:
        """A parameter where the statement does not say its type."""
        return parameter

    def parameter(self, value: Any) -> Any:
        """A value as the driver takes it."""
        return value

    @abstractmethod
    def server(self) -> str:
        """The product and version that answers."""

    @abstractmethod
    def close(self) -> None:
        """End the connection; what was not committed is rolled back. Never raises."""

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def keep_newest(self, table: str, longest: int) -> None:
        """Of the rows of a staging table with the same `k`, leave that of the highest `o`, then of
        the highest `n`. `longest`: bytes of the longest `o`.
        """
        rows = self.table(table)
        self.run(
            f"DELETE FROM {rows} WHERE n IN (SELECT n FROM (SELECT n, row_number() OVER "
            f"(PARTITION BY k ORDER BY o DESC, n DESC) AS place FROM {rows}) x WHERE place > 1)"
        )

    table_options: ClassVar[str] = ""

    def create(
        self,
        table: str,
        columns: Sequence[tuple[str, str]],
        *,
        key: str = "",
        index: str | None = None,
    ) -> None:
        """Create a table of physical columns with their types. `key`: the columns of its primary
        key; `index`: a column to be found by.
        """
        parts = [f"{self.quote(name)} {type_}" for name, type_ in columns]
        if key:
            parts.append(f"PRIMARY KEY ({key})")
        parts.extend(self.inline_index(index))
        self.run(f"CREATE TABLE {self.table(table)} ({', '.join(parts)}){self.table_options}")

        if index and not self.inline_index(index):
            # Of the whole schema, so it may not be cut from the table's name.
            name = f"_inlet_i_{hashlib.sha256(table.encode()).hexdigest()[:24]}"
            self.run(
                f"CREATE INDEX {self.quote(name)} ON {self.table(table)} ({self.quote(index)})"
            )

    def inline_index(self, _: str | None) -> list[str]:
        """The index as a part of CREATE TABLE, where the database cannot undo a half-made table."""
        return []

    def drop(self, table: str) -> None:
        """Drop a table if it is there."""
        self.run(f"DROP TABLE IF EXISTS {self.table(table)}")

    def marks(self, count: int) -> str:
        """So many parameters."""
        return ", ".join([self.mark] * count)
