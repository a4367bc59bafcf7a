"""Opens the lake's catalogue: SQLite for one machine, Glue in AWS."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from pyiceberg.catalog import Catalog, load_catalog

CATALOG_NAME = "lake"
"""The SQL catalogue keeps tables by catalogue name, so readers must load it as this."""
LOCK_SECONDS = 60
SQLITE = "sqlite:///"
# As pyiceberg creates them, but in one step each, which two first starts may both take.
CREATE_TABLES = """
CREATE TABLE IF NOT EXISTS iceberg_tables (
  catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL,
  metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5),
  PRIMARY KEY (catalog_name, table_namespace, table_name))
"""
CREATE_NAMESPACES = """
CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
  catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255) NOT NULL,
  property_value VARCHAR(1000) NOT NULL, PRIMARY KEY (catalog_name, namespace, property_key))
"""


def catalog_properties(config: dict[str, Any]) -> dict[str, str]:
    """The properties with which `load_catalog("lake", **properties)` opens the sink's tables."""
    properties = {key: str(value) for key, value in (config.get("properties") or {}).items()}
    properties["type"] = config["catalog"]
    properties["warehouse"] = config["warehouse"]
    if config["catalog"] == "sql":
        uri = config["uri"]
        # Writers of other processes are waited for, not failed on.
        properties["uri"] = uri if "?" in uri or not uri.startswith(SQLITE) else f"{uri}?timeout={LOCK_SECONDS}"
    return properties


def open_catalog(config: dict[str, Any]) -> Catalog:
    """The catalogue, its SQLite file created and shared safely between processes."""
    properties = catalog_properties(config)
    if properties.get("uri", "").startswith(SQLITE):
        _prepare_sqlite(Path(properties["uri"].removeprefix(SQLITE).split("?")[0]))
    return load_catalog(CATALOG_NAME, **properties)


def _prepare_sqlite(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file, timeout=LOCK_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(CREATE_TABLES)
        connection.execute(CREATE_NAMESPACES)
    finally:
        connection.close()
