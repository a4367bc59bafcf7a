"""How a process of its own opens the sinks of this machine: functions that it can import."""

from __future__ import annotations

import os
from typing import Any

from tests.sinks.subjects import GUARD
from tests.staging.s3_emulator import CREDENTIALS

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.testing.interrupted_writer import Opening, preload
from inlet_worker.sinks.cdm.endpoint import through_sink
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.sinks.jdbc.endpoint import JdbcSink
from inlet_worker.staging.in_memory import InMemoryStaging

preload(__name__)

ENVIRONMENT = {name.upper(): value for name, value in CREDENTIALS.items()}


def open_iceberg(config: dict[str, Any]) -> SinkEndpoint:
    return IcebergSink(config)


def open_files(config: dict[str, Any]) -> SinkEndpoint:
    os.environ.update(ENVIRONMENT)
    return FilesParquetSink(config)


def open_sqlite(config: dict[str, Any]) -> SinkEndpoint:
    return JdbcSink(config, GUARD)


def open_cdm_through_iceberg(config: dict[str, Any]) -> SinkEndpoint:
    return through_sink(open_iceberg(config))


def open_cdm_through_files(config: dict[str, Any]) -> SinkEndpoint:
    return through_sink(open_files(config))


_CATALOGUE = "inlet_worker.sinks.iceberg.sqlite_dialect:Connection"
_FILES = "inlet_worker.sinks.iceberg.place_io:PlaceIO"
ICEBERG_REQUESTS = (
    f"{_CATALOGUE}.ask",
    f"{_CATALOGUE}.answer",
    f"{_FILES}.new_input",
    f"{_FILES}.new_output",
    f"{_FILES}.delete",
)
FILES_REQUESTS = ("obstore:get", "obstore:put", "obstore:list")
SQLITE_REQUESTS = tuple(
    f"inlet_worker.sinks.jdbc.sqlite:SqliteDatabase.{name}" for name in ("run", "rows", "load")
)

ICEBERG = Opening(open_iceberg, InMemoryStaging, ICEBERG_REQUESTS)
FILES = Opening(open_files, InMemoryStaging, FILES_REQUESTS)
SQLITE = Opening(open_sqlite, InMemoryStaging, SQLITE_REQUESTS)
CDM_THROUGH_ICEBERG = Opening(open_cdm_through_iceberg, InMemoryStaging, ICEBERG_REQUESTS)
CDM_THROUGH_FILES = Opening(open_cdm_through_files, InMemoryStaging, FILES_REQUESTS)
