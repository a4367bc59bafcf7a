"""What is killed or lost in between: 0 rows lost, 0 doubled, and nothing left after the sweep."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymysql
import pytest

from inlet_sdk.errors import RetryableError
from inlet_sdk.testing.contract_sink import TARGET, a_commit, staged
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.jdbc.endpoint import JdbcSink
from inlet_worker.staging.in_memory import InMemoryStaging

from .lossy_proxy import LossyProxy
from .servers import GUARD, Server, start_mariadb, start_postgres
from .suite import name_of, rows_of

POINTS = 10


@pytest.fixture(scope="module", params=[start_postgres, start_mariadb])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    started = request.param()
    yield started
    started.stop()


@pytest.fixture
def config(server: Server, tmp_path: Path) -> dict[str, Any]:
    name = name_of(tmp_path)
    if server.dialect == "postgresql":
        return server.config("postgres", schema=name)
    login = {"user": server.login.user, "password": server.login.password}
    with pymysql.connect(host="127.0.0.1", port=server.port, **login) as connection:
        connection.query(f"CREATE DATABASE {name}")
    return server.config(name)


def landed(sink: JdbcSink, run: str, ids: range) -> Any:
    return sink.commit(TARGET, staged(InMemoryStaging(), [a_row(n) for n in ids]), a_commit(run))


def ids_in(sink: JdbcSink) -> list[int]:
    return sorted(int(row["id"]) for row in rows_of(sink))


def swept(server: Server, config: dict[str, Any]) -> list[str]:
    """Staging tables that are there after the sweep of four days later."""
    sink = JdbcSink(config, GUARD, server.login, now=lambda: datetime.now(UTC) + timedelta(days=4))
    sink.sweep(TARGET)
    with sink._open() as database:
        schema = config["database"] if server.dialect == "mariadb" else config["schema"]
        tables = database.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (schema,)
        )
    return [str(name) for (name,) in tables if str(name).startswith(("_inlet_s_", "_inlet_p_"))]


def test_a_lost_answer_to_the_commit_is_settled_by_the_ledger(
    server: Server, config: dict[str, Any]
) -> None:
    proxy = LossyProxy(server.port)

    def arm(step: str) -> None:
        proxy.armed = step == "merged" and proxy.lost == 0

    sink = JdbcSink({**config, "port": proxy.port}, GUARD, server.login, on_step=arm)
    try:
        receipt = landed(sink, "r1", range(50))
        assert proxy.lost == 1
    finally:
        proxy.close()

    direct = JdbcSink(config, GUARD, server.login)
    assert receipt.landed == 50 and ids_in(direct) == list(range(50))
    assert direct.find_commit(TARGET, "r1/0") == receipt
    assert swept(server, config) == []


@pytest.mark.parametrize("step", ["checked", "written", "merged", "committed"])
def test_a_server_that_is_killed_and_comes_back_has_the_slice_once(
    server: Server, config: dict[str, Any], step: str
) -> None:
    landed(JdbcSink(config, GUARD, server.login), "r0", range(20))
    killed = []

    def kill(reached: str) -> None:
        if reached == step and not killed:
            killed.append(step)
            server.kill()
            server.start()

    sink = JdbcSink(config, GUARD, server.login, on_step=kill)
    # The next attempt from outside finds what the interrupted one had done.
    with suppress(RetryableError):
        landed(sink, "r1", range(10, 40))
    receipt = landed(JdbcSink(config, GUARD, server.login), "r1", range(10, 40))
    assert killed and receipt.inserted == 20 and receipt.unchanged == 10
    assert ids_in(sink) == list(range(40))
    assert swept(server, config) == []


def test_a_process_that_is_killed_at_any_statement_leaves_the_slice_to_its_successor(
    server: Server, config: dict[str, Any]
) -> None:
    # The first one makes the tables.
    assert _process(config, "first", 0, 10, kill_at=0)
    statements = _process(config, "r0", 10, 20, kill_at=0)
    assert statements is not None and statements > POINTS
    sink = JdbcSink(config, GUARD, server.login)

    for point in range(POINTS):
        first, run = 20 + point * 5, f"r{point + 1}"
        kill_at = 1 + point * statements // POINTS
        assert _process(config, run, first, first + 5, kill_at) is None
        receipt = landed(sink, run, range(first, first + 5))
        assert receipt.landed == 5 and ids_in(sink) == list(range(first + 5)), kill_at
    assert swept(server, config) == []


def _process(config: dict[str, Any], run: str, first: int, last: int, kill_at: int) -> int | None:
    """The statements it asked; None where it was killed."""
    given = json.dumps([config, run, first, last, kill_at])
    done = subprocess.run(
        [sys.executable, "-m", "tests_engines.jdbc.commit_process", given],
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": "src", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    if done.returncode == -9:
        return None
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout)
