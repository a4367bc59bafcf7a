from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from temporalio.exceptions import ApplicationError

from inlet_worker.config import Settings
from inlet_worker.temporal.child_process import PRELOAD, ChildProcess, ChildProcesses

from .settings import settings_with

TASKS = "temporal.child_tasks:"
DEADLINE = datetime(2100, 1, 1, tzinfo=UTC)
GIVE_UP_SECONDS = 60  # no measure: a machine may be busy
MEMORY_BYTES = 400 * 2**20


@pytest.fixture
def settings() -> Settings:
    return settings_with(INLET_RUN_MEMORY_BYTES=str(MEMORY_BYTES))


class Starter:
    def __init__(self, settings: Settings, preload: Sequence[str] = PRELOAD) -> None:
        self._children = ChildProcesses(settings, preload)
        self.started: list[ChildProcess] = []

    async def __call__(self, task: str, **given: str) -> ChildProcess:
        child = await self._children.start(
            TASKS + task, orjson.dumps(given), DEADLINE, {"runId": "run_1"}
        )
        self.started.append(child)
        return child


@pytest.fixture
async def start(settings: Settings) -> AsyncIterator[Starter]:
    starter = Starter(settings)
    yield starter
    for child in starter.started:
        await child.end(grace_seconds=0)


async def until_it_reports(child: ChildProcess) -> None:
    while not child.progress.rows:
        await asyncio.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def test_a_child_answers_with_its_result(start: Starter) -> None:
    assert await (await start("echo", a="b")).outcome() == {"value": {"a": "b"}}


async def test_a_failure_crosses_the_process_boundary_typed(start: Starter) -> None:
    child = await start("refuse")
    with pytest.raises(ApplicationError) as refused:
        await child.outcome()
    error = refused.value
    assert (error.type, error.non_retryable, error.details) == (
        "AUTH_ERROR",
        True,
        ({"field": "secret"},),
    )
    assert error.message.endswith("Store the credential again.")


async def test_a_limit_crosses_with_the_time_to_come_back(start: Starter) -> None:
    child = await start("be_limited", now=datetime.now(UTC).isoformat())
    with pytest.raises(ApplicationError) as limited:
        await child.outcome()
    delay = limited.value.next_retry_delay
    assert delay and timedelta(seconds=30) < delay <= timedelta(seconds=90)
    assert not limited.value.non_retryable


async def test_an_unforeseen_error_does_not_tell_what_it_says(start: Starter) -> None:
    child = await start("leak", value="canary-9912")
    with pytest.raises(ApplicationError) as failed:
        await child.outcome()
    assert failed.value.type == "INTERNAL" and not failed.value.non_retryable
    assert "RuntimeError" in failed.value.message and "canary" not in failed.value.message


async def test_a_run_that_eats_memory_is_stopped_with_a_typed_error(start: Starter) -> None:
    child = await start("eat_memory")
    with pytest.raises(ApplicationError) as failed:
        await child.outcome()
    assert (failed.value.type, failed.value.non_retryable) == ("OUT_OF_MEMORY", True)


async def test_a_killed_child_is_an_error_that_another_attempt_may_not_meet(start: Starter) -> None:
    child = await start("die")
    with pytest.raises(ApplicationError, match="SIGKILL") as failed:
        await child.outcome()
    assert (failed.value.type, failed.value.non_retryable) == ("INTERNAL", False)


async def test_a_child_that_is_asked_to_stop_seals_what_it_has(start: Starter) -> None:
    child = await start("report_pid_until_stopped")
    await until_it_reports(child)
    child.ask_to_stop()
    assert await child.outcome() == {"value": "sealed"}


async def test_a_child_that_does_not_stop_is_killed(start: Starter) -> None:
    child = await start("ignore_stops")
    await until_it_reports(child)
    assert child.progress.rows == child.pid
    await child.end(grace_seconds=0.1)
    assert not is_running(child.pid)


async def test_a_stopped_child_does_not_hold_up_the_others(start: Starter) -> None:
    stopped = await start("ignore_stops")
    await until_it_reports(stopped)
    os.kill(stopped.pid, signal.SIGSTOP)
    assert await (await start("echo", a="b")).outcome() == {"value": {"a": "b"}}
    await stopped.end(grace_seconds=0.1)
    assert not is_running(stopped.pid)


async def test_signals_of_the_group_are_the_workers_to_handle(start: Starter) -> None:
    child = await start("report_pid_until_stopped")
    await until_it_reports(child)
    os.kill(child.pid, signal.SIGTERM)
    os.kill(child.pid, signal.SIGINT)
    child.ask_to_stop()
    assert await child.outcome() == {"value": "sealed"}


def test_no_child_outlives_a_worker_that_was_killed() -> None:
    program = textwrap.dedent(
        """
        import asyncio, sys
        from temporal.settings import settings_with
        from temporal.test_child_process import Starter, until_it_reports

        async def main():
            child = await Starter(settings_with(), preload=())("ignore_stops")
            await until_it_reports(child)
            print(child.pid, flush=True)
            await asyncio.sleep(600)

        if __name__ == "__main__":
            asyncio.run(main())
        """
    )
    path = os.pathsep.join(sys.path)
    worker = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )
    with worker:
        assert worker.stdout
        pid = int(worker.stdout.readline())
        process = os.pidfd_open(pid)
        worker.kill()
        ended, _, _ = select.select([process], [], [], GIVE_UP_SECONDS)
    assert ended
