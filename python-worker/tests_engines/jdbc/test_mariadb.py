from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from .servers import Server, start_mariadb
from .suite import JdbcContract, name_of


@pytest.fixture(scope="module", params=["--local-infile=1", "--local-infile=0"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """One that takes LOAD DATA, and one that does not, as MySQL does not."""
    packet = (
        "--max-allowed-packet=16M"
        if request.param.endswith("1")
        else (
            "--max-allowed-packet=64M"  # a row cannot be larger than that, of which MySQL has 64 MB
        )
    )
    started = start_mariadb(request.param, packet)
    yield started
    started.stop()


class TestJdbcSinkOnMariadb(JdbcContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: Server) -> None:
        self.server = server

    def config(self, place: Path) -> dict[str, Any]:
        database = name_of(place)
        with pymysql.connect(
            host="127.0.0.1",
            port=self.server.port,
            user=self.server.login.user,
            password=self.server.login.password,
        ) as connection:
            connection.query(f"CREATE DATABASE IF NOT EXISTS {database}")
        return self.server.config(database)
