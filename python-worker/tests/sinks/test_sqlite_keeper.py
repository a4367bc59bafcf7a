"""A lake's SQLite catalogue is opened by a process apart: whoever is stopped while landing holds no
lock on it.
"""

from __future__ import annotations

import os
import select
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from inlet_sdk.errors import RetryableError
from inlet_sdk.testing.contract_sink import TARGET, a_commit
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.iceberg import sqlite_keeper
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.sinks.iceberg.sqlite_dialect import Connection

from .landing import land

ADD = "INSERT INTO iceberg_namespace_properties VALUES ('lake', ?, 'exists', 'true')"
NAMES = "SELECT namespace FROM iceberg_namespace_properties ORDER BY namespace"
LOCK = "BEGIN IMMEDIATE"


def open_sink(place: Path) -> IcebergSink:
    return IcebergSink(
        {"catalog": "sql", "uri": f"sqlite:///{place}/lake.db", "warehouse": f"file://{place}/lake"}
    )


def keepers_of(file: Path) -> list[int]:
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and str(file).encode() in command_of(entry)
    ]


def command_of(process: Path) -> list[bytes]:
    try:
        return (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def ancestors(pid: int) -> Iterator[int]:
    while pid:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        yield pid


def wait_for_end(pid: int) -> None:
    handle = os.pidfd_open(pid)
    try:
        assert select.select([handle], [], [], 30)[0]
    finally:
        os.close(handle)


_opened: list[str] | None = None


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _opened is not None and event in ("sqlite3.connect", "open"):
        _opened.append(
            os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | Path) else ""
        )


@contextmanager
def opened_files() -> Iterator[list[str]]:
    """The files that this process opens meanwhile, by Python or by its SQLite."""
    global _opened
    sys.addaudithook(_hear)  # for good: it cannot be taken out again
    _opened = []
    try:
        yield _opened
    finally:
        _opened = None


def test_the_process_that_lands_never_opens_the_catalogue(tmp_path: Path) -> None:
    with opened_files() as opened:
        sink = open_sink(tmp_path)
        for epoch in (1, 2):
            land(sink, [a_row(epoch)], a_commit(f"r{epoch}", epoch=epoch))
        sink.fence(TARGET, 3)
        assert not [name for name in opened if name.startswith(str(tmp_path / "lake.db"))]
        sqlite3.connect(tmp_path / "lake.db").close()
    assert str(tmp_path / "lake.db") in opened, "the control: an opening is heard"


def test_a_statement_is_finished_without_the_process_that_asked_it(tmp_path: Path) -> None:
    file = tmp_path / "lake.db"
    stopped = Connection(str(file))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute(LOCK)
    stopped.ask(ADD, ["first"])  # and never takes the answer, as if it had been stopped here
    other.execute("COMMIT")
    successor = Connection(str(file)).cursor()
    successor.execute(ADD, ["second"])
    while successor.execute(NAMES).fetchall() != [("first",), ("second",)]:
        pass  # SQLite looks every few milliseconds whether the lock is free
    other.execute(LOCK)  # nobody holds a lock
    other.close()
    stopped.close()


def test_the_keeper_hears_no_signal_to_our_tree_and_ends_with_us(tmp_path: Path) -> None:
    connection = Connection(str(tmp_path / "lake.db"))
    (keeper,) = keepers_of(tmp_path / "lake.db")
    assert os.getpid() not in ancestors(keeper)
    assert os.getsid(keeper) != os.getsid(0) and os.getpgid(keeper) != os.getpgid(0)
    connection.close()
    wait_for_end(keeper)


def test_a_keeper_that_is_killed_makes_the_slice_be_tried_again(tmp_path: Path) -> None:
    sink = open_sink(tmp_path)
    land(sink, [a_row(1)], a_commit("r1"))
    (keeper,) = keepers_of(tmp_path / "lake.db")
    os.kill(keeper, signal.SIGKILL)
    wait_for_end(keeper)
    with pytest.raises(RetryableError) as raised:
        land(sink, [a_row(2)], a_commit("r2", epoch=2))
    assert raised.value.code == "SINK_UNAVAILABLE"
    assert land(open_sink(tmp_path), [a_row(2)], a_commit("r2", epoch=2)).landed == 1


def test_of_two_first_starts_one_makes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "lake.db"
    sqlite_keeper.make(str(file))
    before = file.stat().st_ino
    sqlite_keeper.make(str(file))
    assert file.stat().st_ino == before and list(file.parent.iterdir()) == [file]


def test_a_file_that_cannot_be_a_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(sqlite3.OperationalError):
        Connection(str(tmp_path / "file" / "lake.db"))
