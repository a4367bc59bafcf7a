"""Writers that are killed or frozen at a statement, servers that are killed, and a COMMIT whose
answer is lost.

A server ends a frozen client's transaction after a minute; here after two seconds, which its
writers ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.testing.contract_interruptions import InterruptionContract, Losing
from inlet_sdk.testing.interrupted_writer import Opening, preload
from inlet_worker.sinks.jdbc import mysql
from inlet_worker.sinks.jdbc.endpoint import JdbcSink
from inlet_worker.staging.in_memory import InMemoryStaging

from ..lossy_proxy import losing
from .servers import GUARD, LOGIN, Server
from .suite import JdbcSubject, config_of

FROZEN_SECONDS = 2
MYSQL_SETTINGS = {**mysql._SETTINGS, "wait_timeout": str(FROZEN_SECONDS)}

preload(__name__)


def open_by_config(config: dict[str, Any]) -> SinkEndpoint:
    return JdbcSink(config, GUARD, LOGIN)


def statements_of(database: str) -> tuple[str, ...]:
    where = f"inlet_worker.sinks.jdbc.{database}"
    return tuple(f"{where}.{name}" for name in ("run", "rows", "load"))


class ServerInterruptions(JdbcSubject, InterruptionContract):
    def argument(self, place: Path) -> Any:
        return config_of(self.server, place)

    def restart(self, place: Path) -> None:
        self.server.kill()
        self.server.start()

    @contextmanager
    def losing_an_answer(self, place: Path) -> Iterator[Losing]:
        with losing(self.server.port, b"COMMIT", loses=0) as proxy:

            def arm(step: str) -> None:
                proxy.loses = int(step == "merged" and proxy.lost == 0)

            config = {**config_of(self.server, place), "port": proxy.port}
            found = Losing(JdbcSink(config, GUARD, LOGIN, on_step=arm))
            yield found
            found.lost = proxy.lost

    def left_over(self, place: Path) -> list[str]:
        config = config_of(self.server, place)
        with JdbcSink(config, GUARD, LOGIN)._open() as database:
            tables = database.rows(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = %s",
                (config.get("schema") or config["database"],),
            )
        names = [str(name) for (name,) in tables]
        return sorted(name for name in names if name.startswith(("_inlet_s_", "_inlet_p_")))


class TestPostgresqlInterruptions(ServerInterruptions):
    subject = "jdbc on PostgreSQL"
    opening = Opening(
        open_by_config,
        InMemoryStaging,
        statements_of("postgresql:PostgresDatabase"),
        {"inlet_worker.sinks.jdbc.postgresql:FROZEN_MS": FROZEN_SECONDS * 1000},
    )

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls, server_of: Callable[..., Server]) -> Server:
        return server_of("postgresql")


class TestMariadbInterruptions(ServerInterruptions):
    subject = "jdbc on MariaDB"
    opening = Opening(
        open_by_config,
        InMemoryStaging,
        statements_of("mysql:MysqlDatabase"),
        {"inlet_worker.sinks.jdbc.mysql:_SETTINGS": MYSQL_SETTINGS},
    )

    @pytest.fixture(scope="class")
    @classmethod
    def server(cls, server_of: Callable[..., Server]) -> Server:
        return server_of("mariadb", "--local-infile=1", "--max-allowed-packet=16M")
