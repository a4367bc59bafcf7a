"""The child's side: one activity's code in a process of its own, with a memory limit, that never
outlives the worker.

worker -> child   the task, first; b"stop": seal what there is. End of the pipe: the worker is gone,
                  so are we
child -> worker   {"progress"}: about once a second; {"result"} or {"failure"}: the last message
"""

from __future__ import annotations

import importlib
import os
import resource
import signal
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from inlet_sdk.ports.ingestion_context import Progress
from inlet_worker.config import RunSettings
from inlet_worker.host import logs
from inlet_worker.memory import ENVIRONMENT
from inlet_worker.temporal.failures import describe
from inlet_worker.temporal.work import Task, Work

STOP = b"stop"
REPORT_SECONDS = 1.0
ORPHANED = 3
IDENTITY = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
PLACES = (
    *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"),
    *(f"AWS_ENDPOINT_URL_{s}" for s in ("S3", "DYNAMODB", "LAMBDA", "GLUE", "STS")),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "LANG", "LC_ALL", "TZ"),
)
"""All of the worker's environment that a run gets: where services are and whom to trust, never
who we are.
"""
NOBODY = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""Who a run is to AWS without an identity: there is nowhere else to look for one."""


class Order(BaseModel):
    """What the worker tells a run. `given` is the JSON of the task's input."""

    task: str
    given: bytes
    settings: RunSettings
    deadline: datetime
    fields: dict[str, str]
    identity: dict[str, str]
    environment: dict[str, str]


def environment_of_a_run(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of the worker's environment that a run may know."""
    return {name: environment[name] for name in PLACES if name in environment}


def main(pipe: Connection, directory: Path) -> None:
    """Runs the function that the order names as `module:function`, and says over the pipe how it
    ended. The directory is the run's own, and goes with it.
    """
    order = Order.model_validate_json(pipe.recv_bytes())
    settings = order.settings
    _become(order, directory)
    for signal_number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # meant for the worker, which tells us over the pipe
        signal.signal(signal_number, signal.SIG_IGN)

    resource.setrlimit(resource.RLIMIT_DATA, (settings.run_memory_bytes, settings.run_memory_bytes))
    logs.configure_logs({"environment": settings.environment, **order.fields})

    work = Work(settings, order.deadline)
    outbox = _Outbox(pipe)
    threading.Thread(target=_listen, args=(pipe, work), name="lifeline", daemon=True).start()
    threading.Thread(target=_report, args=(outbox, work), name="reporter", daemon=True).start()

    try:
        last = {"result": _run(order.task, order.given, work)}
    except BaseException as e:
        failure = describe(e)
        facts = {name: failure[name] for name in ("code", "retryable")}
        logs.get_logger(__name__).warning("activity failed", exc_info=e, pid=os.getpid(), **facts)
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


def _become(order: Order, directory: Path) -> None:
    """Before any client is made: from here on this process asks AWS as the role of its run, or as
    nobody.
    """
    unknown = order.identity.keys() - set(IDENTITY)
    if unknown:
        raise ValueError(f"an identity is not made of {sorted(unknown)}")
    own = dict.fromkeys(("HOME", "TMPDIR"), str(directory))
    os.environ.clear()
    os.environ.update({**ENVIRONMENT, **order.environment, **NOBODY, **order.identity, **own})
