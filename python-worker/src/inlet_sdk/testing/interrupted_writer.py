"""A commit in a process of its own, which kills or stops itself where it asks its store something.

Each of the suite's `requests` has two points: before it is sent, and after it was answered.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from inlet_sdk.errors import IngestError
from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.ports.staging_provider import StagingProvider
from inlet_sdk.testing.contract_sink import TARGET, a_commit, staged
from inlet_sdk.testing.contract_staging import a_row

_context = multiprocessing.get_context("forkserver")
_preloaded = [__name__]


def preload(*modules: str) -> None:
    """Writers start with these imported: a sink's libraries take a second each time. To be called
    before the first writer starts.
    """
    _preloaded.extend(modules)
    _context.set_forkserver_preload(_preloaded)


def _serve() -> None:
    """Start what forks the writers. It finds what it is to import by the environment alone."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        forkserver.ensure_running()
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


@dataclass(frozen=True)
class Opening:
    """How a process of its own opens the sink: `open` of an argument, both of which can be pickled.
    `requests`: the functions by which the sink asks its store, as `module:Class.name`. `settings`:
    constants, as `module:NAME`, that are others in that process.
    """

    open: Callable[[Any], SinkEndpoint]
    staging: Callable[[], StagingProvider]
    requests: Sequence[str]
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WriterOrder:
    """The rows of `ids` as slice 0 of `run`. `signal` comes at point `at`."""

    opening: Opening
    argument: Any
    ids: Sequence[int]
    run: str = "r1"
    epoch: int = 2
    mode: Any = "INCREMENTAL"
    at: int | None = None
    signal: signal.Signals = signal.SIGKILL


class InterruptedWriter:
    """Started when it is made. A context, which leaves no process behind. A stopped one
    would be waited for at the end of the tests.
    """

    def __init__(self, order: WriterOrder) -> None:
        _serve()
        self._mine, theirs = _context.Pipe()
        self._process = _context.Process(target=_commit, args=(order, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> InterruptedWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()
        self._mine.close()

    def said(self) -> tuple[str, int]:
        """At its end: how many rows landed, or the code of the error; and how many points there
        were.
        """
        said: tuple[str, int] = self._mine.recv()
        self._process.join()
        return said

    def was_killed(self) -> bool:
        """Whether SIGKILL was its end, which is waited for."""
        self._process.join()
        return self._process.exitcode == -signal.SIGKILL

    def sleeps(self) -> bool:
        """Waits until it is stopped; false for one that ended before."""
        while (state := _state(self._process.pid)) not in "TZX":
            time.sleep(0.01)
        return state == "T"

    def go_on(self) -> None:
        """SIGCONT; one that has ended stays so."""
        assert self._process.pid is not None
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGCONT)


def _state(pid: int | None) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "X"
    return stat.rpartition(")")[2].split()[0]


class _Points:
    """Counts, and sends the signal."""

    def __init__(self, order: WriterOrder) -> None:
        self._order = order
        self._lock = threading.Lock()
        self.count = 0

    def watch(self, request: str) -> None:
        owner, name = _found(request)
        original = getattr(owner, name)

        def watched(*args: Any, **named: Any) -> Any:
            self._pass()
            answer = original(*args, **named)
            self._pass()
            return answer

        setattr(owner, name, watched)

    def _pass(self) -> None:
        with self._lock:
            self.count += 1
            if self.count == self._order.at:
                os.kill(os.getpid(), self._order.signal)


def _found(path: str) -> tuple[Any, str]:
    module, _, names = path.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, name = names.split(".")
    for one in outer:
        owner = getattr(owner, one)
    return owner, name


def _commit(order: WriterOrder, answer: Connection) -> None:
    for setting, value in order.opening.settings.items():
        owner, name = _found(setting)
        setattr(owner, name, value)
    points = _Points(order)
    for request in order.opening.requests:
        points.watch(request)

    sink = order.opening.open(order.argument)
    rows = staged(order.opening.staging(), [a_row(n) for n in order.ids])
    try:
        receipt = sink.commit(TARGET, rows, a_commit(order.run, order.epoch, order.mode))
        said = str(receipt.landed)
    except IngestError as error:
        said = error.code
    answer.send((said, points.count))
