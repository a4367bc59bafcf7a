from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import obstore
import pyarrow.parquet as pq
import pytest

from inlet_sdk.testing.contract_sink import TARGET, a_commit
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.sinks.iceberg.catalog import open_catalog
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.sinks.iceberg.place import IcebergPlace
from staging.s3_emulator import make_bucket, s3_emulator

from .landing import land


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, s3_emulator() as url:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        make_bucket(url, "lake")
        yield url


def test_iceberg_lands_and_merges_on_s3(s3: str, tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/lake.db"
    config = {
        "catalog": "sql",
        "uri": uri,
        "warehouse": "s3://lake/t1",
        "endpointUrl": s3,
        "region": "eu-central-1",
    }
    sink = IcebergSink(config)
    assert sink.test()
    land(sink, [a_row(n) for n in range(5)], a_commit("r1"))
    receipt = land(sink, [a_row(n) for n in range(3, 8)], a_commit("r2"))
    assert (receipt.landed, receipt.deduplicated) == (3, 2)
    ids = (
        open_catalog(IcebergPlace.model_validate(config))
        .load_table(("jira", "issues"))
        .scan()
        .to_arrow()
        .column("id")
        .to_pylist()
    )
    assert sorted(ids) == [str(n) for n in range(8)]
    assert sink.sweep(TARGET) == 0


def test_files_are_pointed_to_once_by_eight_writers_on_s3(s3: str) -> None:
    config = {"location": "s3://lake/files", "endpointUrl": s3, "region": "eu-central-1"}
    assert FilesParquetSink(config).test()
    done: list[str] = []

    def write() -> None:
        done.append(land(FilesParquetSink(config), [a_row(1), a_row(2)], a_commit()).commit_id)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sink = FilesParquetSink(config)
    files = [obstore.get(sink.store, key) for key in sink.files(TARGET)]
    bodies = [bytes(file.bytes()) for file in files]
    assert len(done) == 8 and sum(pq.read_table(io.BytesIO(body)).num_rows for body in bodies) == 2
    # A download is checked by it.
    assert [file.attributes["sha256"] for file in files] == [
        hashlib.sha256(body).hexdigest() for body in bodies
    ]
