"""What the registry knows of `files.parquet`."""

from __future__ import annotations

from typing import Any

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_worker.contracts import names
from inlet_worker.sinks.files_parquet.descriptor import DESCRIPTOR
from inlet_worker.sinks.sink_type import InLake, OwnLake, SinkAccess, SinkType


def _open(place: dict[str, Any], access: SinkAccess) -> SinkEndpoint:
    from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink

    return FilesParquetSink(place, keys=access.keys)


def _place_in(lake: OwnLake) -> dict[str, Any]:
    return {"location": f"s3://{lake.bucket}/{names.PREFIX_FILES}/{lake.tenant_id}", **lake.s3}


FILES_PARQUET = SinkType(
    descriptor=DESCRIPTOR,
    open=_open,
    in_lake=InLake(names.PREFIX_FILES, _place_in),
)
