"""What the registry knows of `hdfs.parquet`."""

from __future__ import annotations

from typing import Any

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_worker.sinks.hdfs_parquet.descriptor import DESCRIPTOR
from inlet_worker.sinks.sink_type import SinkAccess, SinkType


def _open(place: dict[str, Any], access: SinkAccess) -> SinkEndpoint:
    from inlet_worker.sinks.hdfs_parquet.endpoint import HdfsParquetSink

    return HdfsParquetSink(place, guard=access.guard, credential=access.credential)


HDFS_PARQUET = SinkType(descriptor=DESCRIPTOR, open=_open)
