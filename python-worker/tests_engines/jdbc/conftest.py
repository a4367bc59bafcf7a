"""Each server is started once, whichever files want it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .servers import Server, start_mariadb, start_postgres

START = {"postgresql": start_postgres, "mariadb": start_mariadb}


@pytest.fixture(scope="session")
def server_of() -> Iterator[Callable[..., Server]]:
    """The server of a dialect, with these options."""
    started: dict[tuple[str, ...], Server] = {}

    def found(dialect: str, *options: str) -> Server:
        key = (dialect, *options)
        if key not in started:
            started[key] = START[dialect](*options)
        return started[key]

    yield found
    for server in started.values():
        server.stop()
