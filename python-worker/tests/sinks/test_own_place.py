"""What a place of the tenant's own answers is told as its word, once where asking again changes
nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.sink_endpoint import SinkTarget
from inlet_worker.sinks.aws_keys import AwsKeys
from inlet_worker.sinks.files_parquet.endpoint import FilesParquetSink
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.sinks.own_place import OwnPlace

TARGET = SinkTarget("acme", "jira", "issues", ())
KEYS = AwsKeys("AKIATHEIRS", "their-secret", "their-token")
CALLS: list[Callable[[OwnPlace], object]] = [
    lambda sink: sink.find_commit(TARGET, "run_1/0"),
    lambda sink: sink.fence(TARGET, 1),
    lambda sink: list(sink.live_keys(TARGET, ["id"])),
    lambda sink: sink.sweep(TARGET),
]


@pytest.fixture
def refusing() -> Iterator[str]:
    """An S3 and a Glue that let nobody in, and say something about it."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def answer(self) -> None:
            is_glue = "X-Amz-Target" in self.headers
            body = (
                b'{"__type":"AccessDeniedException","Message":"planted"}'
                if is_glue
                else b"<Error>planted</Error>"
            )
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(400 if is_glue else 403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", ["files", "glue"])
def test_rights_that_were_taken_back_are_told_once(
    refusing: str, monkeypatch: pytest.MonkeyPatch, kind: str, call: Callable[[OwnPlace], object]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", refusing)
    files = {"location": "s3://acme/x", "region": "eu-central-1", "endpointUrl": refusing}
    glue = {"catalog": "glue", "warehouse": "s3://acme/x", "region": "eu-central-1"}
    sink = OwnPlace(
        FilesParquetSink(files, keys=KEYS) if kind == "files" else IcebergSink(glue, keys=KEYS)
    )
    with pytest.raises(FatalError) as refused:
        call(sink)
    assert refused.value.code == "SINK_REJECTED" and not refused.value.retryable
    assert (
        "planted" not in f"{refused.value} {refused.value.details}"
        and refused.value.__cause__ is None
    )
