"""The sink on the cluster of the tests."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq

from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.ports.sink_endpoint import SinkTarget
from inlet_sdk.testing.contract_sink import TARGET
from inlet_worker.sinks.hdfs_parquet.connection import HdfsConnection
from inlet_worker.sinks.hdfs_parquet.endpoint import HdfsParquetSink
from inlet_worker.sinks.hdfs_parquet.place import HdfsPlace
from inlet_worker.sinks.hdfs_parquet.webhdfs import WebHdfs

from .cluster import Cluster

LOCAL = EgressGuard(allow_private_networks=True)


def open_hdfs(cluster: Cluster, url: str | None = None) -> WebHdfs:
    place = HdfsPlace(url=url or cluster.url, path="/data", user=cluster.user)
    return WebHdfs(HdfsConnection(place, None, LOCAL))


def open_sink(
    cluster: Cluster,
    path: str,
    on_step: Callable[[str], None] = lambda _: None,
    *,
    days_later: int = 0,
    url: str | None = None,
) -> HdfsParquetSink:
    config = {"url": url or cluster.url, "path": path, "user": cluster.user}

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(days=days_later)

    return HdfsParquetSink(config, guard=LOCAL, on_step=on_step, now=now)


def rows_of(
    cluster: Cluster, sink: HdfsParquetSink, target: SinkTarget = TARGET
) -> list[dict[str, Any]]:
    hdfs = open_hdfs(cluster)
    bodies = [hdfs.get(path) for path in sink.files(target)]
    return [row for body in bodies for row in pq.read_table(io.BytesIO(body)).to_pylist()]
