"""`cdm` keeps the contract of the sink that it is written through, whichever that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.testing.contract_maintenance import MaintenanceContract
from inlet_sdk.testing.contract_sink import SinkContract
from inlet_worker.sinks.cdm.endpoint import CdmSink, through_sink

from . import test_files_parquet, test_iceberg, test_jdbc_sqlite


def inner(sink: Any) -> SinkEndpoint:
    found: SinkEndpoint = sink._through
    return found


class ThroughAnother(SinkContract):
    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return through_sink(super().open_sink(place, on_step))

    def days_later(self, place: Path) -> SinkEndpoint:
        later = super().days_later(place)
        return later if isinstance(later, CdmSink) else through_sink(later)

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        return super().rows_of(inner(sink))


class MaintainedThroughAnother(ThroughAnother, MaintenanceContract):
    def open_later(self, place: Path, days: int) -> SinkEndpoint:
        return through_sink(super().open_later(place, days))


class TestCdmThroughFiles(MaintainedThroughAnother, test_files_parquet.TestFilesParquetSink):
    pass


class TestCdmThroughIceberg(MaintainedThroughAnother, test_iceberg.TestIcebergSink):
    pass


class TestCdmThroughJdbc(ThroughAnother, test_jdbc_sqlite.TestJdbcSinkOnSqlite):
    pass
