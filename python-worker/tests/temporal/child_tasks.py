"""Code that children of the tests run, named as `tests.temporal.child_tasks:<function>`."""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from inlet_sdk.errors import FatalError, RateLimitedError
from inlet_worker.contracts import models
from inlet_worker.contracts.models import RunUnitResult
from inlet_worker.temporal.work import Work


class Answer(BaseModel):
    value: Any


def echo(given: Any, work: Work) -> Answer:
    return Answer(value=given)


def report_pid_until_stopped(given: Any, work: Work) -> Answer:
    work.progress.rows = os.getpid()
    work.stopping.wait()
    return Answer(value="sealed")


def ignore_stops(given: Any, work: Work) -> Answer:
    work.progress.rows = os.getpid()
    while True:
        signal.pause()


def ignore_stops_and_move(given: Any, work: Work) -> Answer:
    work.progress.pages = 1
    return ignore_stops(given, work)


def refuse(given: Any, work: Work) -> Answer:
    raise FatalError(
        "AUTH_ERROR",
        "The source refuses us. Store the credential again.",
        details={"field": "secret"},
    )


def be_limited(given: Any, work: Work) -> Answer:
    resume_at = datetime.fromisoformat(given["now"]) + timedelta(seconds=90)
    raise RateLimitedError("Slow down. It goes on by itself.", resume_at=resume_at, reason="points")


def leak(given: Any, work: Work) -> Answer:
    raise RuntimeError(f"cannot log in with {given['value']}")


def eat_memory(given: Any, work: Work) -> Answer:
    eaten = []
    while True:
        eaten.append(bytearray(16 * 2**20))


def die(given: Any, work: Work) -> Answer:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
    raise AssertionError("unreachable")


def seal_when_stopped(given: Any, work: Work) -> RunUnitResult:
    """Reads until it is stopped, then hands back how far it came."""
    work.progress.pages = 7
    work.progress.rows = os.getpid()
    work.stopping.wait()
    stats = dict.fromkeys(models.RunStats.model_fields, 0)
    return RunUnitResult(
        outcome="CONTINUE",
        done=False,
        slice=given["slice"],
        next_checkpoint=None,
        stats=models.RunStats(**stats),
        artifact=None,
        evidence=[],
        continuation={"source": {"page": 7}},
        resume_at=None,
        wait_reason=None,
    )
