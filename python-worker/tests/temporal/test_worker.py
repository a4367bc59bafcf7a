"""The worker on a real Temporal server, whose histories show only what is encrypted."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import boto3
import orjson
import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from inlet_worker.config import Settings
from inlet_worker.contracts import names
from inlet_worker.host.aws import Aws
from inlet_worker.temporal.activities import Activities
from inlet_worker.temporal.worker import connect, create_worker

from .child_tasks import seal_when_stopped
from .data_plane_workflow import OneActivity
from .nobodys import NOBODYS, PATH, a_python_for_anybody, needs_root
from .settings import ENVIRONMENT
from .stage import Stage

RUN_UNIT = names.ACTIVITY_PYTHON_RUN_INGESTION_UNIT_PYTHON_WORKER
SEALS = f"temporal.child_tasks:{seal_when_stopped.__name__}"


@pytest.fixture
async def temporal_secret(aws: dict[str, str]) -> AsyncIterator[str]:
    """A server, and the secret that says where it is."""
    server = str(Path(sys.executable).with_name("temporal"))
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=server
    ) as environment:
        address = environment.client.service_client.config.target_host
        secret = orjson.dumps({"address": address, "namespace": "default"}).decode()
        boto3.client("secretsmanager").create_secret(
            Name=(name := uuid.uuid4().hex), SecretString=secret
        )
        yield name


@pytest.fixture
async def client(settings: Settings, temporal_secret: str) -> Client:
    """Connected as the worker connects: payloads encrypted."""
    return await connect(settings.model_copy(update={"temporal_secret": temporal_secret}), Aws())


@pytest.fixture
def process_environment(settings: Settings, temporal_secret: str) -> dict[str, str]:
    """What the worker's task definition would give it."""
    lake = orjson.dumps(settings.lake_catalog).decode()
    ours = {
        "INLET_LAKE_CATALOG": lake,
        "INLET_TEMPORAL_SECRET": temporal_secret,
        "PYTHONPATH": PATH,
    }
    return {**os.environ, **ENVIRONMENT, **ours}


class Service:
    """Our worker on a task queue of its own, beside one that runs the workflow."""

    def __init__(self, client: Client, settings: Settings, activities: Activities) -> None:
        self.queue = uuid.uuid4().hex
        self.worker = create_worker(client, activities, self.queue, settings.max_activities)
        self._workflows = Worker(
            client, task_queue=f"{self.queue}-workflows", workflows=[OneActivity]
        )
        self._client = client

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        async with self._workflows, self.worker:
            yield self

    async def start(
        self, given: Any, activity: str = RUN_UNIT, attempts: int = 1
    ) -> WorkflowHandle[Any, Any]:
        return await self._client.start_workflow(
            "oneActivity",
            args=[self.queue, activity, given, attempts],
            id=uuid.uuid4().hex,
            task_queue=f"{self.queue}-workflows",
        )


async def unit_input(stage: Stage, run_id: str, **changes: Any) -> dict[str, Any]:
    plan = await stage.plan(run_id, **changes)
    return {"plan": plan.model_dump(mode="json", by_alias=True), "slice": 0, "continuation": None}


async def history_of(handle: WorkflowHandle[Any, Any]) -> bytes:
    """All that the server keeps of a workflow, as it keeps it."""
    history = await handle.fetch_history()
    return b"".join(event.SerializeToString() for event in history.events)


async def until_it_works(stage: Stage) -> int:
    """The process id of the run, once it has told its figures."""
    child = stage.children.started[-1] if stage.children.started else await stage.children.next()
    while not child.progress.pages:
        await asyncio.sleep(0.01)
        child = stage.children.started[-1]
    return child.pid


async def test_a_unit_lands_through_temporal_and_its_history_tells_nothing(
    client: Client, settings: Settings, stage: Stage
) -> None:
    given = await unit_input(stage, "run_temporal", epoch=1)
    async with Service(client, settings, stage.activities).running() as service:
        handle = await service.start(given)
        result = await handle.result()
    assert (result["outcome"], result["done"]) == ("COMMITTED", True)
    kept = await history_of(handle)
    assert (
        RUN_UNIT.encode() in kept and b"binary/encrypted" in kept
    )  # what is in the clear is found
    told = [
        given["plan"]["source"]["config"]["baseUrl"],
        "jira.issues",
        "run_temporal",
        "COMMITTED",
    ]
    assert [text for text in told if text.encode() in kept] == []


async def test_a_failure_shows_its_code_and_hides_its_words(
    client: Client, settings: Settings, stage: Stage
) -> None:
    given = await unit_input(stage, "run_refused", source={**stage.source, "credential": None})
    before = len(stage.children.started)
    async with Service(client, settings, stage.activities).running() as service:
        handle = await service.start(given, attempts=5)
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
    error = cause(failed.value)
    assert isinstance(error, ApplicationError) and error.type == "AUTH_ERROR"
    assert "has no credential" in error.message
    assert len(stage.children.started) == before + 1  # tried once
    kept = await history_of(handle)
    assert b"AUTH_ERROR" in kept and b"has no credential" not in kept


async def test_a_payload_beyond_64_kib_travels_as_a_claim(
    client: Client, settings: Settings, stage: Stage
) -> None:
    given = {
        **await unit_input(stage, "run_large"),
        "continuation": {"source": None, "padding": "x" * 100_000},
    }
    async with Service(client, settings, stage.on(SEALS)).running() as service:
        handle = await service.start(given)
        await until_it_works(stage)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    kept = await history_of(handle)
    assert b"binary/claimed" in kept and len(kept) < 64 * 1024


async def test_a_cancel_ends_the_process_of_the_run(
    client: Client, settings: Settings, stage: Stage
) -> None:
    given = await unit_input(stage, "run_cancelled")
    async with Service(
        client, settings, stage.on("temporal.child_tasks:ignore_stops_and_move")
    ).running() as service:
        handle = await service.start(given)
        pid = await until_it_works(stage)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
        assert isinstance(cause(failed.value), CancelledError)
        assert not Path(f"/proc/{pid}").exists()


async def test_a_worker_that_shuts_down_hands_back_what_it_has(
    client: Client, settings: Settings, stage: Stage
) -> None:
    given = await unit_input(stage, "run_drained")
    async with Service(client, settings, stage.on(SEALS)).running() as service:
        handle = await service.start(given)
        await until_it_works(stage)
        await service.worker.shutdown()
        result = await handle.result()
    assert (result["outcome"], result["continuation"]) == ("CONTINUE", {"source": {"page": 7}})


async def test_a_killed_run_is_tried_again_elsewhere(
    client: Client, settings: Settings, stage: Stage
) -> None:
    given = await unit_input(stage, "run_killed")
    before = len(stage.children.started)
    async with Service(client, settings, stage.on(SEALS)).running() as service:
        handle = await service.start(given, attempts=2)
        first = await until_it_works(stage)
        os.kill(first, signal.SIGKILL)
        second = await stage.children.next(before + 2)
        while not second.progress.pages:
            await asyncio.sleep(0.01)
        await service.worker.shutdown()
        result = await handle.result()
    assert result["outcome"] == "CONTINUE" and second.pid != first


def cause(failure: WorkflowFailureError) -> BaseException | None:
    return failure.cause.cause if isinstance(failure.cause, ActivityError) else failure.cause


@pytest.mark.parametrize(
    "users", [{}, pytest.param({"INLET_USERS": str(NOBODYS)}, marks=needs_root)]
)
async def test_the_command_serves_the_queue_and_ends_well_on_sigterm(
    client: Client,
    settings: Settings,
    stage: Stage,
    process_environment: dict[str, str],
    users: dict[str, str],
) -> None:
    given = {"tenantId": "acme", "collectionId": "col_command", "source": stage.source}
    command = [a_python_for_anybody() if users else sys.executable, "-m", "inlet_worker", "worker"]
    process_environment |= users
    process = await asyncio.create_subprocess_exec(
        *command, env=process_environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr
    try:
        workflows = Worker(client, task_queue="workflows", workflows=[OneActivity])
        async with workflows:
            arguments = [names.TASK_QUEUE_PYTHON, names.ACTIVITY_PYTHON_COLLECT_METADATA, given, 1]
            handle = await client.start_workflow(
                "oneActivity", args=arguments, id="command", task_queue="workflows"
            )
            result = await asyncio.wait_for(
                handle.result(), 60
            )  # no measure: a worker that died answers nothing
        process.terminate()
        said = (await process.stderr.read()).decode()
        assert await process.wait() == 0, said
    finally:
        if process.returncode is None:
            process.kill()
    assert result["key"] == "catalog/acme/col_command.json"
    assert [orjson.loads(line)["event"] for line in said.splitlines()] == [
        "worker polls",
        "worker drains",
    ]
