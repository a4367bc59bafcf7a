"""What the registry knows of `files.parquet`."""

from __future__ import annotations

from typing import Any

from inlet_worker.contracts import names
from inlet_worker.sinks.files_parquet.descriptor import DESCRIPTOR
from inlet_worker.sinks.sink_type import OwnLake, SinkType


def _load() -> Any:
    from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink

    return FilesParquetSink


def _place_in(lake: OwnLake) -> dict[str, Any]:
    return {"location": f"s3://{lake.bucket}/{names.PREFIX_FILES}/{lake.tenant_id}", **lake.s3}


FILES_PARQUET = SinkType(
    descriptor=DESCRIPTOR,
    load=_load,
    lake_folder=names.PREFIX_FILES,
    place_in=_place_in,
)
