"""The sink in the HDFS of the tests, as its suites try it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.ports.staging_provider import StagingProvider
from inlet_sdk.testing.sink_laws.subject import SinkUnderTest
from inlet_worker.sinks.hdfs_parquet.endpoint import HdfsParquetSink
from inlet_worker.staging.in_memory import InMemoryStaging

from .cluster import Cluster
from .sinks import open_sink, rows_of


def path_of(place: Path) -> str:
    """A folder in HDFS for one of this machine."""
    return f"/data/{hashlib.sha256(str(place).encode()).hexdigest()[:16]}"


class HdfsSubject(SinkUnderTest):
    subject = "hdfs.parquet"
    steps: tuple[str, ...] = (
        "checked",
        "file",
        "written",
        "manifested",
        "drafted",
        "recorded",
        "moved",
        "committed",
    )

    @pytest.fixture(autouse=True)
    def on_cluster(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def open_staging(self) -> StagingProvider:
        return InMemoryStaging()

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return open_sink(self.cluster, path_of(place), on_step)

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        assert isinstance(sink, HdfsParquetSink)
        return rows_of(self.cluster, sink)

    def days_later(self, place: Path) -> SinkEndpoint:
        return self.open_later(place, 4)

    def open_later(self, place: Path, days: int) -> SinkEndpoint:
        return open_sink(self.cluster, path_of(place), days_later=days)
