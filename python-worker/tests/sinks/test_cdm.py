"""`cdm` keeps the contract of the sink that it is written through, whichever that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.testing.contract_sink import SinkContract
from inlet_worker.sinks.cdm.endpoint import CdmSink

from . import test_files_parquet, test_iceberg


def common(sink: SinkEndpoint) -> SinkEndpoint:
    return cast(SinkEndpoint, CdmSink(sink))


def inner(sink: Any) -> SinkEndpoint:
    found: SinkEndpoint = sink._through
    return found


class ThroughAnother(SinkContract):
    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return common(super().open_sink(place, on_step))

    def days_later(self, place: Path) -> SinkEndpoint:
        return common(super().days_later(place))

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        return super().rows_of(inner(sink))


class TestCdmThroughFiles(ThroughAnother, test_files_parquet.TestFilesParquetSink):
    pass


class TestCdmThroughIceberg(ThroughAnother, test_iceberg.TestIcebergSink):
    pass
