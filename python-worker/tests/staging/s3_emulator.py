"""A real S3 answer for tests: the local AWS emulator on a free port of the loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60
MINISTACK = Path(sys.executable).with_name("ministack")


@contextmanager
def s3_emulator() -> Iterator[str]:
    """The endpoint's URL while the emulator runs. It keeps nothing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"GATEWAY_PORT": str(port), "MINISTACK_HOST": "localhost", "LOG_LEVEL": "ERROR"}
    environment = {**os.environ, **settings}
    output = subprocess.DEVNULL
    with subprocess.Popen(
        [str(MINISTACK)], env=environment, stdout=output, stderr=output
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _until_healthy(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)


def make_bucket(url: str, name: str) -> None:
    """Create an empty bucket."""
    import boto3

    client = boto3.client("s3", endpoint_url=url, region_name="eu-central-1", **CREDENTIALS)
    client.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )


CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def _until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError("The AWS emulator did not start: run .venv/bin/ministack to see why.")
