"""Unit tests open no socket but to this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from inlet_sdk import redaction

pytest.register_assert_rewrite("inlet_sdk.testing")

# A busy machine breaks no law. Laws whose examples cost seconds say fewer. `--hypothesis-profile
# thorough` tries the others with ten times as many.
settings.register_profile("untimed", deadline=None, max_examples=100)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("untimed")

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise AssertionError(
                f"a test opened a socket to {address[0]}; tests stay on this machine"
            )
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    yield


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests() -> Iterator[None]:
    """A process guards its secrets for as long as it lives, and one process runs many tests."""
    yield
    redaction.forget_all()
