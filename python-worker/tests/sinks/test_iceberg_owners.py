"""Whoever owns a table writes its metadata: it names no code that we run, and no file outside the
sink's warehouse.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.testing.contract_sink import TARGET, a_commit, keys_of
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.sinks.iceberg.place_io import PlaceIO

from .landing import land

Edit = Callable[[dict[str, Any]], None]
MARK = "owned.txt"


def lake(place: Path) -> IcebergSink:
    return IcebergSink(
        {"catalog": "sql", "uri": f"sqlite:///{place}/lake.db", "warehouse": f"file://{place}/lake"}
    )


def edited(place: Path, edit: Edit) -> IcebergSink:
    """A landed table whose owner has changed its metadata."""
    land(lake(place), [a_row(1)], a_commit("r1"))
    file = metadata_file(place)
    metadata = json.loads(file.read_text())
    edit(metadata)
    file.write_text(json.dumps(metadata))
    return lake(place)


def metadata_file(place: Path) -> Path:
    with sqlite3.connect(place / "lake.db") as catalog:
        (location,) = catalog.execute("SELECT metadata_location FROM iceberg_tables").fetchone()
    return Path(location.removeprefix("file://"))


def test_a_tables_properties_name_no_class_and_no_address_of_its_files(tmp_path: Path) -> None:
    hostile = {
        "py-io-impl": "subprocess.Popen",
        "s3.endpoint": "http://127.0.0.1:1",
        "s3.retry-strategy-impl": "subprocess.Popen",
        "DEFAULT_SCHEME": "hdfs",
    }
    sink = edited(tmp_path, lambda metadata: metadata["properties"].update(hostile))
    assert land(sink, [a_row(2)], a_commit("r2", epoch=2)).landed == 1


def test_a_table_whose_properties_name_code_is_refused(tmp_path: Path) -> None:
    hostile = {"write.py-location-provider.impl": f"{__name__}.leave_a_mark"}
    sink = edited(tmp_path, lambda metadata: metadata["properties"].update(hostile))
    with pytest.raises(FatalError, match="names code") as raised:
        land(sink, [a_row(2)], a_commit("r2", epoch=2))
    assert raised.value.code == "SINK_REJECTED"
    assert not (tmp_path / MARK).exists()


def leave_a_mark(location: str, _: Any) -> None:
    (Path(location.removeprefix("file://")).parents[2] / MARK).write_text("")


def moved(place: Path, key: str, value: str) -> Edit:
    def edit(metadata: dict[str, Any]) -> None:
        if key == "manifest-list":
            metadata["snapshots"][-1][key] = value
        elif key == "location":
            metadata[key] = value
        else:
            metadata["properties"][key] = value

    return edit


@pytest.mark.parametrize(
    "key", ["location", "manifest-list", "write.metadata.path", "write.data.path"]
)
@pytest.mark.parametrize(
    "to", ["file://{0}/elsewhere", "file://{0}/lake/../elsewhere", "s3://our-lake/x", "hdfs://h/x"]
)
def test_a_tables_metadata_reaches_no_file_outside_the_warehouse(
    tmp_path: Path, key: str, to: str
) -> None:
    sink = edited(tmp_path, moved(tmp_path, key, to.format(tmp_path)))
    with pytest.raises(FatalError, match="outside the sink's warehouse"):
        land(sink, [a_row(2)], a_commit("r2", epoch=2))
        list(sink.live_keys(TARGET, ["id"]))
    assert not (tmp_path / "elsewhere").exists()


def test_a_catalogue_that_points_outside_the_warehouse_is_refused(tmp_path: Path) -> None:
    sink = edited(tmp_path, lambda _: None)
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(metadata_file(tmp_path).read_text())
    with sqlite3.connect(tmp_path / "lake.db") as catalog:
        catalog.execute("UPDATE iceberg_tables SET metadata_location = ?", (f"file://{elsewhere}",))
    catalog.close()
    with pytest.raises(FatalError, match="outside the sink's warehouse"):
        keys_of(sink)


def test_a_sweep_looks_into_no_folder_outside_the_warehouse(tmp_path: Path) -> None:
    (tmp_path / "elsewhere/data").mkdir(parents=True)
    (tmp_path / "elsewhere/data/a.parquet").write_text("")
    sink = edited(tmp_path, moved(tmp_path, "location", f"file://{tmp_path}/elsewhere"))
    with pytest.raises(FatalError, match="outside the sink's warehouse"):
        sink.sweep(TARGET)


def test_a_location_as_spark_writes_it_is_the_same_and_widens_nothing(tmp_path: Path) -> None:
    io = PlaceIO({"warehouse": f"file://{tmp_path}/lake"})
    assert io.within(f"file:{tmp_path}/lake/a") == f"file://{tmp_path}/lake/a"
    for outside in (f"file:{tmp_path}/lakes/a", f"file:{tmp_path}/lake/../a", "file:/etc/passwd"):
        with pytest.raises(FatalError, match="outside the sink's warehouse"):
            io.within(outside)
