"""`sqlite+keeper:///file`: SQLAlchemy's SQLite, with the file opened by a process apart
(`sqlite_keeper.py`).

A connection is such a process. Each statement is committed as it is executed, so `rollback` undoes
nothing: pyiceberg's catalogue changes one row by one statement.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from inlet_worker.sinks.iceberg import sqlite_keeper

DRIVER = "sqlite+keeper:///"
LOCK_SECONDS = 60.0
"""Writers of other processes are waited for, not failed on."""


class Cursor:
    """As much of the DB-API as SQLAlchemy uses."""

    arraysize = 1
    lastrowid = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.rowcount = -1
        self.description: list[tuple[Any, ...]] | None = None

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Cursor:
        """Raises sqlite3's errors, and ConnectionError when the keeper is gone: the statement may
        have been done.
        """
        self._connection.ask(sql, parameters)
        answer = self._connection.answer()
        self._rows = [tuple(row) for row in answer["rows"]]
        self.rowcount = answer["rowcount"]
        self.description = [(name, *[None] * 6) for name in answer["columns"]] or None
        return self

    def executemany(self, sql: str, many: Iterable[Sequence[Any]]) -> Cursor:
        for parameters in many:
            self.execute(sql, parameters)
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = arraysize) -> list[tuple[Any, ...]]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.fetchmany(len(self._rows))

    def close(self) -> None:
        self._rows = []


class Connection:
    """A keeper of its own. Not for several threads at once."""

    def __init__(self, file: str, timeout: float = LOCK_SECONDS, **_: object) -> None:
        # Isolated and without site-packages, it starts in 20 ms. Of another session, it hears no
        # signal to our group.
        keeper = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                sqlite_keeper.__file__,
                str(Path(file).absolute()),
                str(timeout),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

        self._to: Any = keeper.stdin
        self._from: Any = keeper.stdout
        keeper.wait()  # the one that serves is its orphan
        self.answer()

    def ask(self, sql: str, parameters: Sequence[Any]) -> None:
        """Send a statement. It is done whether or not the answer is taken."""
        self._to.write(f"{json.dumps({'sql': sql, 'parameters': list(parameters)})}\n")
        self._to.flush()

    def answer(self) -> dict[str, Any]:
        """The answer to the oldest statement without one."""
        line = self._from.readline()
        if not line:
            raise ConnectionError("The process that keeps the catalogue has ended.")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise getattr(sqlite3, answer["error"])(answer["message"])
        return answer

    def cursor(self) -> Cursor:
        return Cursor(self)

    def commit(self) -> None:
        """Nothing is left to commit."""

    def rollback(self) -> None:
        """Nothing can be undone."""

    def close(self) -> None:
        self._to.close()
        self._from.close()


class KeeperDialect(SQLiteDialect_pysqlite):
    driver = "keeper"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        errors = {name: value for name, value in vars(sqlite3).items() if name.endswith("Error")}
        names = ("paramstyle", "sqlite_version", "sqlite_version_info", "Binary", "Warning")
        return SimpleNamespace(
            connect=Connection, **errors, **{name: getattr(sqlite3, name) for name in names}
        )

    def on_connect(self) -> Callable[[Any], None]:
        """Registers no functions with SQLite."""
        return lambda _: None


registry.register("sqlite.keeper", __name__, "KeeperDialect")
