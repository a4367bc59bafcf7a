"""The sinks of this machine as their suites try them."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
import pyarrow as pa
import pyarrow.parquet as pq

from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.ports.staging_provider import StagingProvider
from inlet_sdk.testing.contract_sink import TARGET
from inlet_sdk.testing.sink_laws.subject import SinkUnderTest
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.sinks.jdbc.columns import ROW
from inlet_worker.sinks.jdbc.endpoint import JdbcSink
from inlet_worker.sinks.jdbc.landed_rows import arrays_of, physical_of
from inlet_worker.staging.in_memory import InMemoryStaging

GUARD = EgressGuard(allow_private_networks=True)


def days_on(days: float) -> Callable[[], datetime]:
    """The clock of so many days later."""
    return lambda: datetime.now(UTC) + timedelta(days=days)


def iceberg_config(place: Path) -> dict[str, Any]:
    return {
        "catalog": "sql",
        "uri": f"sqlite:///{place}/lake.db",
        "warehouse": f"file://{place}/lake",
    }


def files_config(place: Path) -> dict[str, Any]:
    return {"location": f"file://{place}"}


def sqlite_config(place: Path) -> dict[str, Any]:
    place.mkdir(parents=True, exist_ok=True)
    return {"dialect": "sqlite", "path": f"{place}/sink.db"}


class LocalSubject(SinkUnderTest):
    """`open_later` is the sink as it sees the world so many days on."""

    def open_staging(self) -> StagingProvider:
        return InMemoryStaging()

    def open_later(self, place: Path, days: int) -> SinkEndpoint:
        raise NotImplementedError

    def days_later(self, place: Path) -> SinkEndpoint:
        return self.open_later(place, 4)


class IcebergSubject(LocalSubject):
    subject = "warehouse.iceberg"
    steps = ("checked", "planned", "written", "committed")
    upkeep_steps = ("compacted", "replaced", "expired", "swept")

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return IcebergSink(iceberg_config(place), on_step=on_step)

    def open_later(self, place: Path, days: int) -> SinkEndpoint:
        return IcebergSink(iceberg_config(place), now=days_on(days))

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        assert isinstance(sink, IcebergSink)
        table = sink._catalog.load_table(("jira", "issues"))
        return list(table.scan().to_arrow().to_pylist())


class FilesSubject(LocalSubject):
    subject = "files.parquet"
    steps = ("checked", "written", "pointed", "committed")

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return FilesParquetSink(files_config(place), on_step=on_step)

    def open_later(self, place: Path, days: int) -> SinkEndpoint:
        return FilesParquetSink(files_config(place), now=days_on(days))

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        assert isinstance(sink, FilesParquetSink)
        return rows_of_files(sink)


class SqliteSubject(LocalSubject):
    subject = "jdbc on SQLite"
    steps = ("checked", "written", "merged", "committed")

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return JdbcSink(sqlite_config(place), GUARD, on_step=on_step)

    def open_later(self, place: Path, days: int) -> SinkEndpoint:
        return JdbcSink(sqlite_config(place), GUARD, now=days_on(days))

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        return rows_of_tables(sink)


def rows_of_files(sink: FilesParquetSink) -> list[dict[str, Any]]:
    bodies = [bytes(obstore.get(sink.store, key).bytes()) for key in sink.files(TARGET)]
    return [row for body in bodies for row in pq.read_table(io.BytesIO(body)).to_pylist()]


def rows_of_tables(sink: Any) -> list[dict[str, Any]]:
    """All rows in a database, tombstones too."""
    with sink._reading(TARGET) as (database, home):
        assert home is not None
        columns = home.landed.columns
        selected = ", ".join(map(database.quote, [ROW, *physical_of(columns)]))
        table, number = database.table(home.table), database.quote(ROW)
        rows = database.rows(f"SELECT {selected} FROM {table} ORDER BY {number}")
        names = [column.name for column in columns]
        batch = pa.RecordBatch.from_arrays(arrays_of(columns, rows), names=names)
        return list(batch.to_pylist())
