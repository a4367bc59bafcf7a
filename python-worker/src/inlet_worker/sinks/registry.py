"""Every sink type by name. A new one is a folder here and one line below; its class, and what that
imports, loads when it is asked for.
"""

from __future__ import annotations

from typing import Any

from inlet_sdk.errors import FatalError
from inlet_worker.sinks.files_parquet.sink_type import FILES_PARQUET
from inlet_worker.sinks.iceberg.sink_type import ICEBERG
from inlet_worker.sinks.sink_type import SinkType

SINKS = {one.descriptor.name: one for one in (ICEBERG, FILES_PARQUET)}


def sink_type(name: str) -> SinkType:
    """Raises FatalError `CONFIG_INVALID` for an unknown one."""
    if name not in SINKS:
        raise FatalError(
            "CONFIG_INVALID", f"No sink is called {name}: use one of {', '.join(sorted(SINKS))}."
        )
    return SINKS[name]


def sink_class(name: str) -> Any:
    """The class of a sink type, to be called with the keys of its place, which it types. What a
    tenant wrote becomes such keys by `temporal/lake.py`'s `lake_config` only. Raises as `sink_type`
    does.
    """
    return sink_type(name).load()
