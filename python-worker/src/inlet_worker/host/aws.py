"""AWS clients, made when first needed. Where they point and who they are comes from AWS's own
environment variables.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from inlet_worker.host.item_size import guard_sizes

_CONFIG = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 5}
)
_OF_FUNCTIONS = Config(
    connect_timeout=5, read_timeout=35, retries={"mode": "standard", "max_attempts": 3}
)
"""The broker answers within 30 s, a refresh at a slow vendor included. Asked three times at most:
a run that does not move for two minutes is given up.
"""


class Aws:
    """Clients are thread-safe; making one is not, hence the lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @cached_property
    def dynamodb(self) -> Any:
        client = self._client("dynamodb")
        guard_sizes(client)
        return client

    @cached_property
    def s3(self) -> Any:
        return self._client("s3")

    @cached_property
    def secrets(self) -> Any:
        return self._client("secretsmanager")

    @cached_property
    def kms(self) -> Any:
        return self._client("kms")

    @cached_property
    def sts(self) -> Any:
        return self._client("sts")

    @cached_property
    def functions(self) -> Any:
        return self._client("lambda", _OF_FUNCTIONS)

    def _client(self, service: str, config: Config = _CONFIG) -> Any:
        with self._lock:
            return boto3.client(service, config=config)  # type: ignore[call-overload]
