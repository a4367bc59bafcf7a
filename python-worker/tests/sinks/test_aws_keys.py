"""A tenant's S3 is asked with the tenant's keys: nothing of the run's own identity leaves with a
request.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from inlet_sdk.errors import FatalError
from inlet_worker.sinks.aws_keys import AwsKeys
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.sinks.iceberg.endpoint import IcebergSink

OURS = {
    "AWS_ACCESS_KEY_ID": "AKIAOURS",
    "AWS_SECRET_ACCESS_KEY": "our-secret",
    "AWS_SESSION_TOKEN": "our-token",
}
THEIRS = AwsKeys("AKIATHEIRS", "their-secret")


class Canary:
    """An S3 that refuses everybody and remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        canary = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def answer(self) -> None:
                canary.sent.append(f"{self.path}\n{self.headers}")
                self.send_response(403)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    for name, value in OURS.items():
        monkeypatch.setenv(name, value)
    server = Canary()
    yield server
    server.server.shutdown()


def check(canary: Canary) -> None:
    assert canary.sent
    for sent in canary.sent:
        assert "AKIATHEIRS" in sent
        assert not any(value in sent for value in OURS.values())
        assert "security-token" not in sent.lower()


def test_files_are_written_with_the_tenants_keys_only(canary: Canary) -> None:
    place = {"location": "s3://theirs/x", "endpointUrl": canary.url, "region": "eu-central-1"}
    with pytest.raises(FatalError):
        FilesParquetSink(place, keys=THEIRS).test()
    check(canary)


def test_a_lake_is_written_with_the_tenants_keys_only(canary: Canary, tmp_path: Path) -> None:
    place = {"catalog": "sql", "uri": f"sqlite:///{tmp_path}/c.db", "warehouse": "s3://theirs/x"}
    with pytest.raises(FatalError):
        IcebergSink(
            {**place, "endpointUrl": canary.url, "region": "eu-central-1"}, keys=THEIRS
        ).test()
    check(canary)


def test_keys_are_in_no_text_that_is_printed() -> None:
    assert "their" not in repr(AwsKeys("AKIATHEIRS", "their-secret", "their-token"))
