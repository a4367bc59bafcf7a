"""The contract suite on a server."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.ports.staging_provider import StagingProvider
from inlet_sdk.testing.contract_sink import TARGET, SinkContract
from inlet_worker.sinks.jdbc.columns import ROW
from inlet_worker.sinks.jdbc.endpoint import JdbcSink
from inlet_worker.sinks.jdbc.landed_rows import arrays_of, physical_of
from inlet_worker.staging.in_memory import InMemoryStaging

from .servers import GUARD, Server


class JdbcContract(SinkContract):
    """`config` is a place of its own for each folder."""

    steps = ("checked", "written", "merged", "committed")
    server: Server

    @abstractmethod
    def config(self, place: Path) -> dict[str, Any]: ...

    def open_staging(self) -> StagingProvider:
        return InMemoryStaging()

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return JdbcSink(self.config(place), GUARD, self.server.login, on_step=on_step)

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        return rows_of(sink)

    def days_later(self, place: Path) -> SinkEndpoint:
        return JdbcSink(
            self.config(place),
            GUARD,
            self.server.login,
            now=lambda: datetime.now(UTC) + timedelta(days=4),
        )


def rows_of(sink: Any) -> list[dict[str, Any]]:
    """All rows, tombstones too."""
    with sink._reading(TARGET) as (database, home):
        columns = home.landed.columns
        selected = ", ".join(map(database.quote, [ROW, *physical_of(columns)]))
        table, number = database.table(home.table), database.quote(ROW)
        rows = database.rows(f"SELECT {selected} FROM {table} ORDER BY {number}")
        names = [column.name for column in columns]
        batch = pa.RecordBatch.from_arrays(arrays_of(columns, rows), names=names)
        return list(batch.to_pylist())


def name_of(place: Path) -> str:
    """A schema's or database's name for a folder."""
    return f"s{hashlib.sha256(str(place).encode()).hexdigest()[:20]}"
