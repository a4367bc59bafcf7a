"""A Jira for tests on a sandbox: each module starts its own as `running`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.http.retry import Clock
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from sandbox_server import SandboxServer


@pytest.fixture
def server(running: SandboxServer) -> Iterator[SandboxServer]:
    running.control("reset", {})
    yield running


@pytest.fixture
def jira(server: SandboxServer) -> Iterator[JiraEndpoint]:
    login = StaticCredential(Credential("basic", {"email": server.user, "apiToken": server.token}))
    clock = Clock(sleep=lambda _: None)
    source = JiraEndpoint({"baseUrl": server.url}, login, allow_private_networks=True, clock=clock)
    yield source
    source.close()
