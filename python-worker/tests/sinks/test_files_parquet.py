from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
import pyarrow.parquet as pq

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.ports.staging_provider import StagingProvider
from inlet_sdk.testing.contract_sink import TARGET, SinkContract, a_commit
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.staging.in_memory import InMemoryStaging

from .landing import land


def rows_of(sink: FilesParquetSink) -> list[dict[str, Any]]:
    bodies = [bytes(obstore.get(sink.store, key).bytes()) for key in sink.files(TARGET)]
    return [row for body in bodies for row in pq.read_table(io.BytesIO(body)).to_pylist()]


class TestFilesParquetSink(SinkContract):
    steps = ("checked", "written", "pointed", "committed")

    def open_staging(self) -> StagingProvider:
        return InMemoryStaging()

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return FilesParquetSink({"location": f"file://{place}"}, on_step=on_step)

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        assert isinstance(sink, FilesParquetSink)
        return rows_of(sink)

    def days_later(self, place: Path) -> SinkEndpoint:
        return FilesParquetSink(
            {"location": f"file://{place}"}, now=lambda: datetime.now(UTC) + timedelta(days=4)
        )


def test_a_snapshot_hides_what_was_appended_before_it_only(tmp_path: Path) -> None:
    sink = FilesParquetSink({"location": f"file://{tmp_path}"})
    land(sink, [a_row(1)], a_commit("r1"))
    land(sink, [a_row(2)], a_commit("r2", mode="FULL"))
    land(sink, [a_row(3)], a_commit("r3"))
    assert [row["id"] for row in rows_of(sink)] == ["2", "3"]
