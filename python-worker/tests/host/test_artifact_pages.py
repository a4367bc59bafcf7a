"""The lists of landed files, in a local folder and in a bucket: one suite for both."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore
import pytest

from inlet_sdk.ports.landed_files import LandedFile
from inlet_worker.host.artifact_pages import PAGE_FILES, keep_files, pages_of
from inlet_worker.staging.registry import open_store
from staging.s3_emulator import make_bucket, s3_emulator

PREFIX = pages_of("acme", "ep_1", "run_1/0")


def a_file(number: int) -> LandedFile:
    return LandedFile(f"s3://lake/lake/acme/t/{number}.parquet", number, 10, None)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, s3_emulator() as url:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        make_bucket(url, "staging")
        yield url


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "folder":
        return open_store({"folder": str(tmp_path)})
    url = request.getfixturevalue("s3")
    place = {"bucket": "staging", "endpointUrl": url, "region": "eu-central-1"}
    return open_store({**place, "prefix": uuid.uuid4().hex})


def pages(store: Any) -> list[dict[str, Any]]:
    found = [entry["path"] for page in obstore.list(store, PREFIX) for entry in page]
    return [json.loads(bytes(obstore.get(store, key).bytes())) for key in sorted(found)]


@pytest.mark.parametrize("count", [0, 1, PAGE_FILES - 1, PAGE_FILES, PAGE_FILES + 1, 10_000])
def test_every_file_is_listed_once_in_order_and_the_last_page_says_so(
    store: Any, count: int
) -> None:
    files = [a_file(number) for number in range(count)]
    assert keep_files(store, PREFIX, iter(files)) == count
    kept = pages(store)
    listed = [file["location"] for page in kept for file in page["files"]]
    assert listed == [file.location for file in files]
    assert [page["more"] for page in kept] == [True] * (len(kept) - 1) + [False] * bool(kept)
    assert all(len(page["files"]) <= PAGE_FILES for page in kept)


def test_a_retry_writes_the_same_pages(store: Any) -> None:
    files = [a_file(number) for number in range(PAGE_FILES + 3)]
    keep_files(store, PREFIX, files)
    first = pages(store)
    keep_files(store, PREFIX, files)
    assert pages(store) == first


def test_pages_lie_with_their_tenant_and_endpoint() -> None:
    assert PREFIX == "artifacts/acme/ep_1/run_1/0"
