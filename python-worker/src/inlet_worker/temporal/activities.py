"""The activities of the Python task queue. Each runs its code in a child process and lives as long as the child works:
cancels and the worker's shutdown are passed down, figures are passed up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from inlet_worker import logs
from inlet_worker.contracts import models, names
from inlet_worker.errors import IngestError
from inlet_worker.temporal.child_process import ChildProcess, ChildProcesses
from inlet_worker.temporal.failures import application_error, describe, internal
from inlet_worker.temporal.heartbeats import BEAT_SECONDS, Pulse
from inlet_worker.temporal.run_role import RunRole

MAX_WORK = timedelta(minutes=10)
SEALING = timedelta(seconds=30)
"""Kept back of an activity's time, for sealing and committing what was read."""
TASKS = {
    names.ACTIVITY_PYTHON_RUN_INGESTION_UNIT_PYTHON_WORKER: "run_ingestion_unit_activity:run_ingestion_unit_activity",
    names.ACTIVITY_PYTHON_ASK_SINK_FOR_COMMIT: "ask_sink_for_commit:ask_sink_for_commit",
    names.ACTIVITY_PYTHON_CLOSE_STAGING: "close_staging:close_staging",
    names.ACTIVITY_PYTHON_COLLECT_METADATA: "collect_metadata:collect_metadata",
    names.ACTIVITY_PYTHON_RUN_PROBE: "run_probe:run_probe",
}
Result = TypeVar("Result", bound=BaseModel)


class Activities:
    """`create()` gives what a worker registers. `tasks` maps an activity's name to its code, `module:function`."""

    def __init__(
        self,
        children: ChildProcesses,
        role: RunRole,
        tasks: dict[str, str] | None = None,
        stall_seconds: float = 120.0,
    ) -> None:
        self._children = children
        self._role = role
        self._tasks = tasks or {name: f"inlet_worker.temporal.{task}" for name, task in TASKS.items()}
        self._stall_seconds = stall_seconds

    def create(self) -> list[Callable[..., Coroutine[Any, Any, Any]]]:
        return [self.run_unit, self.ask_sink_for_commit, self.close_staging, self.collect_metadata, self.run_probe]

    @activity.defn(name=names.ACTIVITY_PYTHON_RUN_INGESTION_UNIT_PYTHON_WORKER)
    async def run_unit(self, given: models.RunUnitInput) -> models.RunUnitResult:
        plan = given.plan
        fields = {"tenantId": plan.tenant_id, "runId": plan.run_id, "unitId": plan.unit_id, "slice": str(given.slice)}
        return await self._run(given, models.RunUnitResult, fields)

    @activity.defn(name=names.ACTIVITY_PYTHON_ASK_SINK_FOR_COMMIT)
    async def ask_sink_for_commit(self, given: models.AskSinkInput) -> models.AskSinkResult:
        fields = {"tenantId": given.plan.tenant_id, "runId": given.plan.run_id}
        return await self._run(given, models.AskSinkResult, fields)

    @activity.defn(name=names.ACTIVITY_PYTHON_CLOSE_STAGING)
    async def close_staging(self, given: models.CloseStagingInput) -> None:
        await self._work(given, {"tenantId": given.plan.tenant_id, "runId": given.plan.run_id})

    @activity.defn(name=names.ACTIVITY_PYTHON_COLLECT_METADATA)
    async def collect_metadata(self, given: models.CollectInput) -> models.CollectResult:
        fields = {"tenantId": given.tenant_id, "collectionId": given.collection_id}
        return await self._run(given, models.CollectResult, fields)

    @activity.defn(name=names.ACTIVITY_PYTHON_RUN_PROBE)
    async def run_probe(self, given: models.RunProbeInput) -> models.RunProbeResult:
        return await self._run(given, models.RunProbeResult, {"tenantId": given.tenant_id, "probeId": given.probe_id})

    async def _run(self, given: BaseModel, result: type[Result], fields: dict[str, str]) -> Result:
        return result.model_validate(await self._work(given, fields))

    async def _work(self, given: BaseModel, fields: dict[str, str]) -> Any:
        info = activity.info()
        bound = {**fields, "activity": info.activity_type, "attempt": str(info.attempt)}
        given_json = given.model_dump_json(by_alias=True).encode()
        identity = await self._identity(given, bound)
        code = self._tasks[info.activity_type]
        child = await self._children.start(code, given_json, _deadline(info), bound, identity)
        stopping = asyncio.create_task(_pass_on_shutdown(child))
        beating = asyncio.create_task(_beat(child, self._stall_seconds))
        outcome = asyncio.create_task(child.outcome())
        try:
            await asyncio.wait([outcome, beating], return_when=asyncio.FIRST_COMPLETED)
            if not outcome.done():
                logs.get_logger(__name__).warning("run stalled", pid=child.pid, **bound)
                raise _stalled()
            return outcome.result()
        finally:
            for task in (stopping, beating):
                task.cancel()
            await child.end()
            outcome.cancel()

    async def _identity(self, given: BaseModel, bound: dict[str, str]) -> dict[str, str]:
        """Who the child is to AWS: no more than its tenant's part of the run role."""
        session = bound.get("runId") or bound.get("collectionId") or bound.get("probeId") or bound["activity"]
        try:
            return await asyncio.to_thread(self._role.assume, given, bound["tenantId"], session)
        except IngestError as e:
            raise application_error(describe(e)) from None


async def _pass_on_shutdown(child: ChildProcess) -> None:
    await activity.wait_for_worker_shutdown()
    child.ask_to_stop()


async def _beat(child: ChildProcess, stall_seconds: float) -> None:
    """Ends when the child has not moved for as long as that."""
    pulse = Pulse(stall_seconds)
    while pulse.is_alive(time.monotonic(), child.progress, child.sample()):
        activity.heartbeat({"page": child.progress.pages})
        await asyncio.sleep(BEAT_SECONDS)


def _deadline(info: activity.Info) -> datetime:
    given = info.start_to_close_timeout or MAX_WORK
    return datetime.now(UTC) + max(min(MAX_WORK, given) - SEALING, given / 2)


def _stalled() -> ApplicationError:
    failure = internal("The run did not move for two minutes and was given up. The run goes on with another attempt.")
    return application_error({**failure, "code": "TIMEOUT"})
