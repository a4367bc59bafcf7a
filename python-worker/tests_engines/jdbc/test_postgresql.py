from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .servers import Server, start_postgres
from .suite import JdbcContract, name_of


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    started = start_postgres()
    yield started
    started.stop()


class TestJdbcSinkOnPostgresql(JdbcContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: Server) -> None:
        self.server = server

    def config(self, place: Path) -> dict[str, Any]:
        return self.server.config("postgres", schema=name_of(place))
