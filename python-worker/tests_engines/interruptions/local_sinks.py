"""The contract of interruptions for the sinks of this machine."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.sinks.subjects import (
    FilesSubject,
    IcebergSubject,
    SqliteSubject,
    files_config,
    iceberg_config,
    sqlite_config,
)
from tests.sinks.test_sqlite_keeper import keepers_of, wait_for_end

from inlet_sdk.testing.contract_interruptions import InterruptionContract, Losing
from inlet_sdk.testing.contract_sink import TARGET
from inlet_worker.sinks import conditional_object
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.sinks.iceberg.catalog import open_catalog
from inlet_worker.sinks.iceberg.place import IcebergPlace
from inlet_worker.sinks.iceberg.sqlite_dialect import Connection
from inlet_worker.sinks.jdbc import endpoint, sqlite

from . import openings

NO_SERVER = "a file has no server that could go away"
NO_ANSWER = "a file gives no answer that could be lost"
SWAP = "UPDATE iceberg_tables"
"""The catalogue's compare-and-swap, which is the commit."""


class IcebergInterruptions(IcebergSubject, InterruptionContract):
    opening = openings.ICEBERG

    def argument(self, place: Path) -> Any:
        return iceberg_config(place)

    def restart(self, place: Path) -> None:
        """The catalogue's file is opened by keepers: the next ones open it again."""
        for keeper in keepers_of(place / "lake.db"):
            os.kill(keeper, signal.SIGKILL)
            wait_for_end(keeper)

    @contextmanager
    def losing_an_answer(self, place: Path) -> Iterator[Losing]:
        losing = Losing(self.open_sink(place))
        ask, answer = Connection.ask, Connection.answer
        asked: list[str] = []

        def asking(connection: Connection, sql: str, parameters: Any) -> None:
            asked.append(sql)
            ask(connection, sql, parameters)

        def answering(connection: Connection) -> dict[str, Any]:
            done = answer(connection)
            if asked and asked.pop().startswith(SWAP) and not losing.lost:
                losing.lost += 1
                raise ConnectionError
            return done

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Connection, "ask", asking)
            patch.setattr(Connection, "answer", answering)
            yield losing

    def left_over(self, place: Path) -> list[str]:
        catalog = open_catalog(IcebergPlace.model_validate(iceberg_config(place)))
        table = catalog.load_table(("jira", "issues"))
        named = {
            table.metadata_location,
            *(entry.metadata_file for entry in table.metadata.metadata_log),
            *(snapshot.manifest_list for snapshot in table.metadata.snapshots),
            *table.inspect.all_manifests()["path"].to_pylist(),
            *table.inspect.all_files()["file_path"].to_pylist(),
        }
        there = (f"file://{path}" for path in (place / "lake").rglob("*") if path.is_file())
        return sorted(set(there) - named)


class FilesInterruptions(FilesSubject, InterruptionContract):
    """In a folder, where a frozen process keeps the pointer's lock."""

    opening = openings.FILES
    lock_stays = True
    no_restart = NO_SERVER
    no_lost_answer = NO_ANSWER

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(conditional_object, "LOCK_SECONDS", 0.1)

    def argument(self, place: Path) -> Any:
        return files_config(place)

    def left_over(self, place: Path) -> list[str]:
        known = set(FilesParquetSink(files_config(place)).files(TARGET))
        there = {str(path.relative_to(place)) for path in place.rglob("*.parquet")}
        return sorted(there - known)


class SqliteInterruptions(SqliteSubject, InterruptionContract):
    opening = openings.SQLITE
    lock_stays = True
    no_restart = NO_SERVER
    no_lost_answer = NO_ANSWER

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sqlite, "WAIT_SECONDS", 0.1)
        monkeypatch.setattr(endpoint, "ATTEMPTS", 3)

    def argument(self, place: Path) -> Any:
        return sqlite_config(place)

    def left_over(self, place: Path) -> list[str]:
        with sqlite3.connect(place / "sink.db") as database:
            names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return sorted(n for (n,) in names if n.startswith(("_inlet_s_", "_inlet_p_")))
