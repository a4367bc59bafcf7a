"""`cdm` through the sinks of this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_worker.sinks.cdm.endpoint import through_sink

from .subjects import FilesSubject, IcebergSubject, LocalSubject, SqliteSubject


class ThroughAnother(LocalSubject):
    """Before the subject of the other one."""

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return through_sink(super().open_sink(place, on_step))

    def open_later(self, place: Path, days: int) -> SinkEndpoint:
        return through_sink(super().open_later(place, days))

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        through: Any = sink
        return super().rows_of(through._through)


class CdmThroughFiles(ThroughAnother, FilesSubject):
    subject = "cdm through files.parquet"


class CdmThroughIceberg(ThroughAnother, IcebergSubject):
    subject = "cdm through warehouse.iceberg"


class CdmThroughSqlite(ThroughAnother, SqliteSubject):
    subject = "cdm through jdbc on SQLite"
