"""Every sink type by name. A new one is a folder here and one line below; its class, and what that
imports, loads when it is asked for.
"""

from __future__ import annotations

from inlet_sdk.errors import FatalError
from inlet_worker.sinks.cdm.sink_type import CDM
from inlet_worker.sinks.files_parquet.sink_type import FILES_PARQUET
from inlet_worker.sinks.hdfs_parquet.sink_type import HDFS_PARQUET
from inlet_worker.sinks.iceberg.sink_type import ICEBERG
from inlet_worker.sinks.jdbc.sink_type import JDBC
from inlet_worker.sinks.sink_type import SinkType

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
