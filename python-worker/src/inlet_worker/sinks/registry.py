"""Every sink by name. A new sink is a file or folder here and one line below; classes load when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inlet_worker.errors import FatalError
from inlet_worker.sinks.sink_endpoint import SinkEndpoint


def _iceberg() -> Any:
    from inlet_worker.sinks.iceberg.endpoint import IcebergSink

    return IcebergSink


def _files_parquet() -> Any:
    from inlet_worker.sinks.files_parquet import FilesParquetSink

    return FilesParquetSink


SINKS: dict[str, Callable[[], Any]] = {"warehouse.iceberg": _iceberg, "files.parquet": _files_parquet}


def open_sink(name: str, config: dict[str, Any]) -> SinkEndpoint:
    """A configured sink. Raises `CONFIG_INVALID` for an unknown one, or a config off its schema."""
    import jsonschema

    chosen = sink_class(name)
    error = next(jsonschema.Draft202012Validator(chosen.descriptor.config_schema).iter_errors(config), None)
    if error is not None:
        field = ".".join(str(part) for part in error.path) or "config"
        raise FatalError("CONFIG_INVALID", f"Sink {name}: {field}: {error.message}. Mend it.", details={"field": field})
    sink: SinkEndpoint = chosen(config)
    return sink


def sink_class(name: str) -> Any:
    """The class of a sink type, to be called with its configuration. Raises `CONFIG_INVALID` for an unknown one."""
    if name not in SINKS:
        raise FatalError("CONFIG_INVALID", f"No sink is called {name}: use one of {', '.join(sorted(SINKS))}.")
    return SINKS[name]()
