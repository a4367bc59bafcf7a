"""What a hostile tenant writes is refused, or harmless: by name, with canaries."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.execution_tool import SqlProgram
from inlet_worker.tools.duckdb.sandbox import GRACE_SECONDS
from inlet_worker.tools.duckdb.tool import DuckDbTool
from inlet_worker.tools.limits import ToolLimits

from .hostile_sql import HARMLESS, STATEMENTS

CANARY = "canary-7d0c1"
LIMITS = ToolLimits(seconds=2, memory_bytes=640 * 2**20, output_rows=3, output_bytes=2**24)
ROWS = pa.table(
    {
        "id": pa.array(["1", "2", "3"]),
        "updated": pa.array([datetime(2026, 1, n, tzinfo=UTC) for n in (1, 2, 3)]),
        "title": pa.array(["a", "b", None]),
    }
)
canary_variable = pa.table({"secret": [CANARY]})


@dataclass
class Ear:
    """Counts who connects."""

    server: socket.socket
    heard: int = 0
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.server.getsockname()[1])

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.heard += 1
            connection.close()


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Ear(server)


@pytest.fixture(scope="module")
def tool() -> Iterator[DuckDbTool]:
    os.environ["CANARY_ENV"] = CANARY
    tool = DuckDbTool(LIMITS)
    yield tool
    tool.close()
    del os.environ["CANARY_ENV"]


def ran(tool: DuckDbTool, sql: str) -> str:
    """What comes out, as text; or the refusal."""
    program = SqlProgram(sql)
    output = tool.output_of(program, {"rows": ROWS.schema})
    made = list(tool.run(program, {"rows": ROWS.to_reader()}, output))
    return str([batch.to_pylist() for batch in made])


def test_there_are_a_hundred_and_more() -> None:
    assert len(STATEMENTS) >= 150 and set(STATEMENTS) >= HARMLESS


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_hostile_statement_is_refused_or_harmless(
    name: str, tool: DuckDbTool, ear: Ear, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(f"{CANARY}\n")
    sql = STATEMENTS[name].format(file=secret, folder=tmp_path, port=ear.port)

    started = time.monotonic()
    try:
        told = ran(tool, sql)
        assert name in HARMLESS, f"it ran: {told[:200]}"
    except FatalError as refused:
        assert refused.code in ("CONFIG_INVALID", "TRANSFORM_FAILED")
        told = refused.message
        assert name not in HARMLESS, told

    assert CANARY not in told and ear.heard == 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret.csv"]
    assert secret.read_text() == f"{CANARY}\n"
    # A hang fails: beyond this the process is killed, wherever it is.
    assert time.monotonic() - started < 3 * (LIMITS.seconds + GRACE_SECONDS) + 60


def test_the_process_has_no_environment_and_no_way_to_open_anything(tool: DuckDbTool) -> None:
    ran(tool, "SELECT * FROM rows")
    process = tool._sandbox._process
    assert process is not None
    proc = Path(f"/proc/{process.pid}")
    assert (proc / "environ").read_bytes() == b""
    limits = dict(
        (line[:26].strip(), line[26:].split()[:2])
        for line in (proc / "limits").read_text().splitlines()
    )
    assert limits["Max open files"] == ["3", "3"]
    assert limits["Max file size"] == ["0", "0"]
    assert limits["Max data size"] == [str(LIMITS.memory_bytes)] * 2
    assert len(list((proc / "fd").iterdir())) <= 4


def test_memory_stays_within_its_limit(tool: DuckDbTool) -> None:
    for name in ("repeats a text", "pads a text", "folds a list", "lists without end"):
        with pytest.raises(FatalError):
            ran(tool, STATEMENTS[name])
        process = tool._sandbox._process
        if process is not None and process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            assert int(peak.split()[1]) * 1024 < LIMITS.memory_bytes + 200 * 2**20


def test_after_a_kill_the_next_query_runs(tool: DuckDbTool) -> None:
    with pytest.raises(FatalError):
        ran(tool, STATEMENTS["repeats a constant"])
    assert "'1'" in ran(tool, "SELECT id, updated FROM rows")
