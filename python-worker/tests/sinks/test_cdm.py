"""`cdm` keeps the contract of the sink that it is written through, whichever that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.testing.contract_sink import SinkContract
from inlet_worker.sinks.cdm.endpoint import through_sink

from . import test_files_parquet, test_iceberg


def inner(sink: Any) -> SinkEndpoint:
    found: SinkEndpoint = sink._through
    return found


class ThroughAnother(SinkContract):
    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return through_sink(super().open_sink(place, on_step))

    def days_later(self, place: Path) -> SinkEndpoint:
        return through_sink(super().days_later(place))

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        return super().rows_of(inner(sink))


class TestCdmThroughFiles(ThroughAnother, test_files_parquet.TestFilesParquetSink):
    pass


class TestCdmThroughIceberg(ThroughAnother, test_iceberg.TestIcebergSink):
    pass
