"""One commit in a process of its own, which kills or stops itself at a request."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from inlet_sdk.errors import IngestError
from inlet_sdk.testing.contract_sink import TARGET, a_commit, staged
from inlet_sdk.testing.contract_staging import a_row
from inlet_worker.sinks.hdfs_parquet.answers import Answer
from inlet_worker.sinks.hdfs_parquet.connection import HdfsConnection
from inlet_worker.sinks.hdfs_parquet.endpoint import HdfsParquetSink
from inlet_worker.staging.in_memory import InMemoryStaging

from .sinks import LOCAL

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class CommitOrder:
    """`signal` comes before the request of number `at` is sent, those to data nodes counted."""

    place: dict[str, Any]
    ids: tuple[int, ...] = (3, 4, 5)
    run: str = "r1"
    epoch: int = 2
    mode: str = "INCREMENTAL"
    at: int | None = None
    signal: signal.Signals = signal.SIGKILL


class CommitProcess:
    """Started when it is made."""

    def __init__(self, order: CommitOrder) -> None:
        self._mine, theirs = _context.Pipe()
        self.process = _context.Process(target=_commit, args=(order, theirs))
        self.process.start()
        theirs.close()

    def ended(self) -> tuple[str, int]:
        """The rows landed, or the code of the error; and how many requests there were."""
        said, requests = self._mine.recv()
        self.process.join()
        return said, requests


def _commit(order: CommitOrder, answer: Connection) -> None:
    asked = 0
    send = HdfsConnection._send

    def counted(self: HdfsConnection, *request: Any) -> Answer:
        nonlocal asked
        asked += 1
        if asked == order.at:
            os.kill(os.getpid(), order.signal)
        return send(self, *request)

    HdfsConnection._send = counted  # type: ignore[method-assign]
    sink = HdfsParquetSink(order.place, guard=LOCAL)
    rows = staged(InMemoryStaging(), [a_row(n) for n in order.ids])
    commit = a_commit(order.run, order.epoch, order.mode)

    try:
        said = str(sink.commit(TARGET, rows, commit).landed)
    except IngestError as e:
        said = e.code
    answer.send((said, asked))
