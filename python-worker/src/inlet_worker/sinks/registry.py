"""Every sink by name. A new sink is a file or folder here and one line below; classes load when
they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inlet_sdk.errors import FatalError


def _iceberg() -> Any:
    from inlet_worker.sinks.iceberg.endpoint import IcebergSink

    return IcebergSink


def _files_parquet() -> Any:
    from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink

    return FilesParquetSink


SINKS: dict[str, Callable[[], Any]] = {
    "warehouse.iceberg": _iceberg,
    "files.parquet": _files_parquet,
}


def sink_class(name: str) -> Any:
    """The class of a sink type, to be called with the keys of its place, which it types. What a
    tenant wrote becomes such keys by `temporal/lake.py`'s `lake_config` only. Raises
    `CONFIG_INVALID` for an unknown one.
    """
    if name not in SINKS:
        raise FatalError(
            "CONFIG_INVALID", f"No sink is called {name}: use one of {', '.join(sorted(SINKS))}."
        )
    return SINKS[name]()
