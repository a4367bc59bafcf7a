"""`files.parquet` on S3, where no lock is held and an answer can be lost."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import obstore
import pytest
from tests.sinks.subjects import FilesSubject, days_on
from tests.staging.s3_emulator import make_bucket, s3_emulator

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.testing.contract_interruptions import InterruptionContract, Losing
from inlet_sdk.testing.contract_sink import TARGET
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink

from ..lossy_proxy import losing
from . import openings


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, s3_emulator() as url:
        for name, value in openings.ENVIRONMENT.items():
            patch.setitem(os.environ, name, value)
        make_bucket(url, "lake")
        yield url


class TestFilesInABucketInterruptions(FilesSubject, InterruptionContract):
    subject = "files.parquet on S3"
    opening = openings.FILES
    no_restart = "the emulator of S3 keeps nothing when it is killed"

    @pytest.fixture(autouse=True)
    def _on_s3(self, s3: str) -> None:
        self.s3 = s3

    def argument(self, place: Path) -> Any:
        return self._config(place, self.s3)

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return FilesParquetSink(self._config(place, self.s3), on_step=on_step)

    def open_later(self, place: Path, days: int) -> SinkEndpoint:
        return FilesParquetSink(self._config(place, self.s3), now=days_on(days))

    @contextmanager
    def losing_an_answer(self, place: Path) -> Iterator[Losing]:
        port = urlsplit(self.s3).port or 0
        with losing(port, b"PUT ", b"_current.json") as proxy:
            found = Losing(FilesParquetSink(self._config(place, proxy.url)))
            yield found
            found.lost = proxy.lost

    def left_over(self, place: Path) -> list[str]:
        sink = FilesParquetSink(self._config(place, self.s3))
        there = {one["path"] for page in obstore.list(sink.store) for one in page}
        files = {path for path in there if path.endswith(".parquet")}
        return sorted(files - set(sink.files(TARGET)))

    def _config(self, place: Path, url: str) -> dict[str, Any]:
        name = hashlib.sha256(str(place).encode()).hexdigest()[:20]
        location = {"location": f"s3://lake/{name}", "region": "eu-central-1"}
        return {**location, "endpointUrl": url}
