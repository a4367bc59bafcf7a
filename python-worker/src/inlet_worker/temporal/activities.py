"""The activities of the Python task queue. Each runs its code in a child process and lives as long
as the child works: cancels and the worker's shutdown are passed down, figures are passed up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio import activity
from temporalio.exceptions import ApplicationError

from inlet_sdk.errors import IngestError
from inlet_sdk.http.egress.addresses import parse_address
from inlet_worker.contracts import models, names
from inlet_worker.host import logs
from inlet_worker.temporal.child_process import ChildProcess, ChildProcesses
from inlet_worker.temporal.failures import application_error, describe, internal
from inlet_worker.temporal.heartbeats import BEAT_SECONDS, Pulse
from inlet_worker.temporal.run_role import RunRole
from inlet_worker.temporal.slots import NoSlotError, Owner, Slots

MAX_WORK = timedelta(minutes=10)
TURNED_AWAY = timedelta(seconds=2)
SEALING = timedelta(seconds=30)
"""Kept back of an activity's time, for sealing and committing what was read."""
TASKS = {
    names.ACTIVITY_PYTHON_RUN_INGESTION_UNIT_PYTHON_WORKER: (
        "run_ingestion_unit_activity:run_ingestion_unit_activity"
    ),
    names.ACTIVITY_PYTHON_ASK_SINK_FOR_COMMIT: "ask_sink_for_commit:ask_sink_for_commit",
    names.ACTIVITY_PYTHON_CLOSE_STAGING: "close_staging:close_staging",
    names.ACTIVITY_PYTHON_COLLECT_METADATA: "collect_metadata:collect_metadata",
    names.ACTIVITY_PYTHON_RUN_PROBE: "run_probe:run_probe",
    names.ACTIVITY_PYTHON_MAINTAIN_TABLE: "maintain_table:maintain_table",
}
Result = TypeVar("Result", bound=BaseModel)


class Activities:
    """`create()` gives what a worker registers. `tasks` maps an activity's name to its code,
    `module:function`; `slots` says how many each queue has, to share them out.
    """

    def __init__(
        self,
        children: ChildProcesses,
        role: RunRole,
        tasks: dict[str, str] | None = None,
        stall_seconds: float = 120.0,
        slots: Mapping[str, int] | None = None,
    ) -> None:
        self._children = children
        self._role = role
        self._tasks = tasks or {
            name: f"inlet_worker.temporal.{task}" for name, task in TASKS.items()
        }
        self._stall_seconds = stall_seconds
        self._slots = {queue: Slots(total) for queue, total in (slots or {}).items()}

    def create(self) -> list[Callable[..., Coroutine[Any, Any, Any]]]:
        return [
            self.run_unit,
            self.ask_sink_for_commit,
            self.close_staging,
            self.collect_metadata,
            self.run_probe,
            self.maintain_table,
        ]

    @activity.defn(name=names.ACTIVITY_PYTHON_RUN_INGESTION_UNIT_PYTHON_WORKER)
    async def run_unit(self, given: models.RunUnitInput) -> models.RunUnitResult:
        plan = given.plan
        fields = {
            "tenantId": plan.tenant_id,
            "runId": plan.run_id,
            "unitId": plan.unit_id,
            "slice": str(given.slice),
        }
        with self._share(plan.tenant_id, site_of(plan.source)):
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
        with self._share(given.tenant_id, site_of(given.source)):
            return await self._run(given, models.CollectResult, fields)

    @activity.defn(name=names.ACTIVITY_PYTHON_RUN_PROBE)
    async def run_probe(self, given: models.RunProbeInput) -> models.RunProbeResult:
        fields = {"tenantId": given.tenant_id, "probeId": given.probe_id}
        site = (
            site_of(given.source)
            if given.source
            else f"sink {given.sink.sink_id if given.sink else ''}"
        )
        with self._share(given.tenant_id, site):
            return await self._run(given, models.RunProbeResult, fields)

    @activity.defn(name=names.ACTIVITY_PYTHON_MAINTAIN_TABLE)
    async def maintain_table(self, given: models.MaintainTableInput) -> models.MaintainTableResult:
        fields = {
            "tenantId": given.tenant_id,
            "endpointId": given.endpoint_id,
            "unitId": given.unit_id,
        }
        with self._share(given.tenant_id, f"sink {given.sink.sink_id}"):
            return await self._run(given, models.MaintainTableResult, fields)

    @contextmanager
    def _share(self, tenant_id: str, site: str) -> Iterator[None]:
        """A slot for the site's work. Raises `WORKER_BUSY` where its share is taken: then nothing
        was tried.
        """
        info = activity.info()
        slots = self._slots.get(info.task_queue)
        if slots is None or not _may_be_turned_away(info):
            yield
            return

        owner = Owner(tenant_id, site)
        try:
            with slots.held(owner):
                yield
        except NoSlotError as e:
            raise _turned_away(str(e)) from None
        except ApplicationError as e:
            slots.saw(owner, silent=_is_silence(e))
            raise
        slots.saw(owner, silent=False)

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
        session = (
            bound.get("runId")
            or bound.get("collectionId")
            or bound.get("probeId")
            or bound["activity"]
        )
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


def site_of(source: models.SourceRef) -> str:
    """Many endpoints may be of one site, however they spell it: what it does, it does to all of
    them.
    """
    address = parse_address(source.config.get("baseUrl"), allow_private_networks=True)
    return f"{address.host}:{address.port}" if address else source.endpoint_id


def _may_be_turned_away(info: activity.Info) -> bool:
    """Where the workflow makes the attempts, or somebody waits anyway: a retry of Temporal's would
    count as one.
    """
    ours = info.retry_policy is not None and info.retry_policy.maximum_attempts == 1
    return ours or info.activity_type == names.ACTIVITY_PYTHON_RUN_PROBE


def _turned_away(why: str) -> ApplicationError:
    message = f"{why} It is asked for again."
    return ApplicationError(message, {}, type="WORKER_BUSY", next_retry_delay=TURNED_AWAY)


def _is_silence(error: ApplicationError) -> bool:
    details = error.details[0] if error.details else None
    return error.type == "TIMEOUT" or (isinstance(details, dict) and details.get("silent") is True)


def _stalled() -> ApplicationError:
    failure = internal(
        "The run did not move for two minutes and was given up. "
        "The run goes on with another attempt."
    )
    return application_error({**failure, "code": "TIMEOUT"})
