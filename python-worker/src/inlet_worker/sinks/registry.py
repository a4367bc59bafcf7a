"""Every sink type by name. A new one is a folder here and one line below; its class, and what that
imports, loads when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_worker.sinks.cdm.sink_type import CDM
from inlet_worker.sinks.files_parquet.sink_type import FILES_PARQUET
from inlet_worker.sinks.hdfs_parquet.sink_type import HDFS_PARQUET
from inlet_worker.sinks.iceberg.sink_type import ICEBERG
from inlet_worker.sinks.jdbc.sink_type import JDBC
from inlet_worker.sinks.sink_type import SinkAccess, SinkType

SINKS = {one.descriptor.name: one for one in (ICEBERG, FILES_PARQUET, HDFS_PARQUET, JDBC, CDM)}


def sink_type(name: str) -> SinkType:
    """By its name. What a tenant wrote becomes the keys of its place by `temporal/lake.py`'s
    `lake_config` only. Raises FatalError `CONFIG_INVALID` for an unknown one.
    """
    if name not in SINKS:
        raise FatalError(
            "CONFIG_INVALID", f"No sink is called {name}: use one of {', '.join(sorted(SINKS))}."
        )
    return SINKS[name]


def sink_class(name: str) -> Callable[[dict[str, Any]], SinkEndpoint]:
    """What makes a sink of the keys of its place, where nothing but what is public is reached, and
    without a credential. Raises as `sink_type` does.
    """
    kind, public = sink_type(name), SinkAccess(EgressGuard())
    return lambda place: kind.open(place, public)
