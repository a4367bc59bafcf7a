"""Opens the lake's catalogue: SQLite for one machine, Glue in AWS. Made of typed keys, never by
`load_catalog`, which takes a class to import from its properties.
"""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from pyiceberg.catalog import MetastoreCatalog
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io import PY_IO_IMPL, FileIO
from pyiceberg.table import Table
from pyiceberg.typedef import EMPTY_DICT, Properties

from inlet_sdk.errors import FatalError
from inlet_worker.sinks.aws_keys import AwsKeys
from inlet_worker.sinks.iceberg.place import SQLITE, IcebergPlace
from inlet_worker.sinks.iceberg.place_io import PlaceIO
from inlet_worker.sinks.iceberg.sqlite_dialect import DRIVER

CATALOG_NAME = "lake"
"""The SQL catalogue keeps tables by catalogue name, so readers must load it as this."""
RETRIES = Config(retries={"mode": "standard", "max_attempts": 10})
NAMES_CODE = "write.py-location-provider.impl"
"""A table's property whose class pyiceberg imports whenever it writes the table's metadata."""


def open_catalog(place: IcebergPlace, keys: AwsKeys | None = None) -> SqlCatalog | GlueCatalog:
    """The catalogue; its SQLite file is made if it is not there, and opened by a process apart,
    never by ours.
    """
    properties = {
        **place.file_properties,
        **(keys.iceberg if keys else {}),
        PY_IO_IMPL: f"{PlaceIO.__module__}.{PlaceIO.__qualname__}",
    }
    if place.catalog == "sql":
        return _SqlLake(CATALOG_NAME, uri=DRIVER + place.sql_uri.removeprefix(SQLITE), **properties)
    identity: dict[str, Any] = keys.boto if keys else {}
    glue = boto3.client("glue", region_name=place.region, config=RETRIES, **identity)
    return _GlueLake(CATALOG_NAME, glue, **properties)


class _OwnFiles(MetastoreCatalog):
    """Of a table's properties none says how its files are opened."""

    def _load_file_io(
        self, properties: Properties = EMPTY_DICT, location: str | None = None
    ) -> FileIO:
        return PlaceIO(self.properties)


class _SqlLake(_OwnFiles, SqlCatalog):
    def _convert_orm_to_iceberg(self, orm_table: Any) -> Table:
        return _without_code(super()._convert_orm_to_iceberg(orm_table))


class _GlueLake(_OwnFiles, GlueCatalog):
    def _convert_glue_to_iceberg(self, glue_table: Any) -> Table:
        return _without_code(super()._convert_glue_to_iceberg(glue_table))


def _without_code(table: Table) -> Table:
    if NAMES_CODE in table.metadata.properties:
        raise FatalError(
            "SINK_REJECTED",
            f"The table's property {NAMES_CODE} names code to run: remove the property.",
        )
    return table
