from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.ports.staging_provider import StagingProvider
from inlet_sdk.testing.contract_sink import TARGET, SinkContract
from inlet_worker.sinks.jdbc.columns import ROW
from inlet_worker.sinks.jdbc.endpoint import JdbcSink
from inlet_worker.sinks.jdbc.landed_rows import arrays_of, physical_of
from inlet_worker.staging.in_memory import InMemoryStaging

GUARD = EgressGuard(allow_private_networks=True)


def config(place: Path) -> dict[str, Any]:
    place.mkdir(exist_ok=True)
    return {"dialect": "sqlite", "path": f"{place}/sink.db"}


def open_sink(place: Path, on_step: Callable[[str], None] = lambda _: None) -> JdbcSink:
    return JdbcSink(config(place), GUARD, on_step=on_step)


class TestJdbcSinkOnSqlite(SinkContract):
    steps = ("checked", "written", "merged", "committed")

    def open_staging(self) -> StagingProvider:
        return InMemoryStaging()

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return open_sink(place, on_step)

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        assert isinstance(sink, JdbcSink)
        with sink._reading(TARGET) as (database, home):
            assert home is not None
            columns = home.landed.columns
            selected = ", ".join(map(database.quote, [ROW, *physical_of(columns)]))
            table, number = database.table(home.table), database.quote(ROW)
            rows = database.rows(f"SELECT {selected} FROM {table} ORDER BY {number}")
            names = [column.name for column in columns]
            batch = pa.RecordBatch.from_arrays(arrays_of(columns, rows), names=names)
            return list(batch.to_pylist())

    def days_later(self, place: Path) -> SinkEndpoint:
        return JdbcSink(config(place), GUARD, now=lambda: datetime.now(UTC) + timedelta(days=4))
