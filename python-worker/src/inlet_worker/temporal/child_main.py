"""The child's side: one activity's code in a process of its own, with a memory limit, that never outlives the worker.

worker -> child   b"stop": seal what there is. End of the pipe: the worker is gone, so are we
child -> worker   {"progress"}: about once a second; {"result"} or {"failure"}: the last message
"""

from __future__ import annotations

import ctypes
import importlib
import os
import resource
import signal
import threading
from dataclasses import asdict
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

import orjson

from inlet_worker import logs
from inlet_worker.config import Settings
from inlet_worker.context import Progress
from inlet_worker.temporal.failures import describe
from inlet_worker.temporal.work import Task, Work

STOP = b"stop"
REPORT_SECONDS = 1.0
PR_SET_PDEATHSIG = 1
ORPHANED = 3
OF_THE_WORKER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_PROFILE")
"""Where a library would find the worker's own role."""


def main(
    pipe: Connection,
    task: str,
    given: bytes,
    settings: Settings,
    deadline: datetime,
    fields: dict[str, str],
    identity: dict[str, str],
) -> None:
    """Runs the function that `task` names as `module:function`, and says over the pipe how it ended."""
    _die_with_parent()
    _become(identity)
    for signal_number in (signal.SIGINT, signal.SIGTERM):  # meant for the worker, which tells us over the pipe
        signal.signal(signal_number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (settings.run_memory_bytes, settings.run_memory_bytes))
    logs.configure_logs({"environment": settings.environment, **fields})
    work = Work(settings, deadline)
    outbox = _Outbox(pipe)
    threading.Thread(target=_listen, args=(pipe, work), name="lifeline", daemon=True).start()
    threading.Thread(target=_report, args=(outbox, work), name="reporter", daemon=True).start()
    try:
        last = {"result": _run(task, given, work)}
    except BaseException as e:
        failure = describe(e)
        told = {name: failure[name] for name in ("code", "retryable")}
        logs.get_logger(__name__).warning("activity failed", exc_info=e, pid=os.getpid(), **told)
        last = {"failure": failure}
    outbox.send({**last, "progress": asdict(work.progress)})


def _run(task: str, given: bytes, work: Work) -> Any:
    module, function = task.split(":")
    code: Task = getattr(importlib.import_module(module), function)
    result = code(orjson.loads(given), work)
    return None if result is None else result.model_dump(mode="json", by_alias=True)


class _Outbox:
    """The pipe's sending end, for two threads."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        with self._lock:
            self._pipe.send_bytes(orjson.dumps(message))


def _listen(pipe: Connection, work: Work) -> None:
    try:
        while pipe.recv_bytes() == STOP:
            work.stopping.set()
    except (EOFError, OSError):
        os._exit(ORPHANED)


def _report(outbox: _Outbox, work: Work) -> None:
    before: Progress | None = None
    while not threading.Event().wait(REPORT_SECONDS):
        now = Progress(**asdict(work.progress))
        if now != before:
            outbox.send({"progress": asdict(now)})
            before = now
        for watch in work.watchers:
            watch(now)


def _become(identity: dict[str, str]) -> None:
    """Before any client is made: from here on this process asks AWS as the role of its run."""
    if identity:
        for name in OF_THE_WORKER:
            os.environ.pop(name, None)
        os.environ.update(identity)


def _die_with_parent() -> None:
    """Linux kills us with our parent, the fork server, which ends with the worker; elsewhere the pipe does."""
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
