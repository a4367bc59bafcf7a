"""An AWS on loopback for the tests of one process: empty at the start, gone at the end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import urllib3

BUCKETS = ("staging", "lake")
TABLE = "control"
HOT_TABLE = "hot"
ACCOUNT = "000000000000"


@contextmanager
def local_aws(**settings: str) -> Iterator[dict[str, str]]:
    """Yields the environment variables that lead there, already set in this process. `settings` are
    the emulator's.
    """
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    variables = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    before = dict(os.environ)
    command = [str(Path(sys.executable).with_name("ministack"))]
    environment = {**before, "GATEWAY_PORT": str(port), "LOG_LEVEL": "ERROR", **settings}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait(f"{address}/_ministack/health")
            os.environ.pop("AWS_ENDPOINT_URL_LAMBDA", None)
            os.environ.update(variables)
            _furnish()
            yield variables
        finally:
            os.environ.clear()
            os.environ.update(before)
            process.kill()


def put_run(tenant_id: str, run_id: str, **attributes: Any) -> None:
    """A run item as the control plane keeps it, cut to what the data plane looks at."""
    control_table().put_item(
        Item={**_key(tenant_id, run_id), "status": "RUNNING", "epoch": 1, **attributes}
    )


def get_run(tenant_id: str, run_id: str) -> dict[str, Any]:
    item: dict[str, Any] = control_table().get_item(Key=_key(tenant_id, run_id))["Item"]
    return item


def staged_keys() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket="staging", Prefix="stg/")
    return [entry["Key"] for entry in found.get("Contents", [])]


def control_table() -> Any:
    return boto3.resource("dynamodb").Table(TABLE)


def _key(tenant_id: str, run_id: str) -> dict[str, str]:
    return {"pk": f"T#{tenant_id}#RUN#{run_id}", "sk": "RUN"}


def _furnish() -> None:
    for bucket in BUCKETS:
        boto3.client("s3").create_bucket(Bucket=bucket)
    for table in (TABLE, HOT_TABLE):
        boto3.client("dynamodb").create_table(
            TableName=table,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
            ],
            BillingMode="PAY_PER_REQUEST",
        )


def _wait(url: str) -> None:
    retries = urllib3.Retry(total=None, connect=400, backoff_factor=0.05, backoff_max=0.2)
    answer = urllib3.PoolManager().request("GET", url, retries=retries)
    if answer.status != 200:
        raise RuntimeError(f"The local AWS answers {answer.status}; try it by hand: ministack")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
