"""The sink on a server, as its suites try it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymysql
import pytest
from tests.sinks.subjects import days_on, rows_of_tables

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.ports.staging_provider import StagingProvider
from inlet_sdk.testing.sink_laws.subject import SinkUnderTest
from inlet_worker.sinks.jdbc.endpoint import JdbcSink
from inlet_worker.staging.in_memory import InMemoryStaging

from .servers import GUARD, LOGIN, Server


class JdbcSubject(SinkUnderTest):
    """A suite gives `dialect`, and a fixture `server`."""

    steps = ("checked", "written", "merged", "committed")
    server: Server

    @pytest.fixture(autouse=True)
    def _on_server(self, server: Server) -> None:
        self.server = server

    def open_staging(self) -> StagingProvider:
        return InMemoryStaging()

    def open_sink(
        self, place: Path, on_step: Callable[[str], None] = lambda _: None
    ) -> SinkEndpoint:
        return JdbcSink(config_of(self.server, place), GUARD, LOGIN, on_step=on_step)

    def rows_of(self, sink: SinkEndpoint) -> list[dict[str, Any]]:
        return rows_of_tables(sink)

    def days_later(self, place: Path) -> SinkEndpoint:
        return self.open_later(place, 4)

    def open_later(self, place: Path, days: int) -> SinkEndpoint:
        return JdbcSink(config_of(self.server, place), GUARD, LOGIN, now=days_on(days))


def config_of(server: Server, place: Path) -> dict[str, Any]:
    """A schema, or a database, of its own for a folder."""
    name = f"s{hashlib.sha256(str(place).encode()).hexdigest()[:20]}"
    if server.dialect == "postgresql":
        return server.config("postgres", schema=name)
    login = {"user": LOGIN.user, "password": LOGIN.password}
    with pymysql.connect(host="127.0.0.1", port=server.port, **login) as connection:
        connection.query(f"CREATE DATABASE IF NOT EXISTS {name}")
    return server.config(name)
