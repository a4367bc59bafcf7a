"""Opens the lake's catalogue: SQLite for one machine, Glue in AWS."""

from __future__ import annotations

from typing import Any

from pyiceberg.catalog import Catalog, load_catalog

from inlet_worker.sinks.iceberg.sqlite_dialect import DRIVER, LOCK_SECONDS

CATALOG_NAME = "lake"
"""The SQL catalogue keeps tables by catalogue name, so readers must load it as this."""
SQLITE = "sqlite:///"


def catalog_properties(config: dict[str, Any]) -> dict[str, str]:
    """The properties with which `load_catalog("lake", **properties)` opens the sink's tables."""
    properties = {key: str(value) for key, value in (config.get("properties") or {}).items()}
    properties["type"] = config["catalog"]
    properties["warehouse"] = config["warehouse"]
    if config["catalog"] == "sql":
        uri = config["uri"]
        properties["uri"] = uri if "?" in uri or not uri.startswith(SQLITE) else f"{uri}?timeout={LOCK_SECONDS:.0f}"
    return properties


def open_catalog(config: dict[str, Any]) -> Catalog:
    """The catalogue; its SQLite file is made if it is not there, and opened by a process apart, never by ours."""
    properties = catalog_properties(config)
    if properties.get("uri", "").startswith(SQLITE):
        properties["uri"] = DRIVER + properties["uri"].removeprefix(SQLITE)
    return load_catalog(CATALOG_NAME, **properties)
