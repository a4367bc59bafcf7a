"""Sweeps the staging bucket now and then, in a child with a role that may do nothing else."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio.exceptions import ApplicationError

from inlet_sdk.errors import IngestError
from inlet_worker.host import logs
from inlet_worker.temporal.child_process import ChildProcesses
from inlet_worker.temporal.run_role import RunRole

EVERY_SECONDS = 15 * 60.0
DEADLINE = timedelta(minutes=10)
TASK = "inlet_worker.temporal.staging_sweep:sweep_staging"


async def sweep_now_and_then(children: ChildProcesses, role: RunRole) -> None:
    """The net under closed sessions. Several workers may sweep at once: deleting what is gone
    changes nothing.
    """
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        await sweep_once(children, role)


async def sweep_once(children: ChildProcesses, role: RunRole) -> None:
    """Says in the log how it went. A failure is the next sweep's to mend."""
    log = logs.get_logger(__name__)
    try:
        identity = await asyncio.to_thread(role.assume_for_sweep)
        child = await children.start(TASK, b"{}", datetime.now(UTC) + DEADLINE, {}, identity)
    except IngestError as e:
        log.warning("staging not swept", code=e.code)
        return

    try:
        log.info("staging swept", **await child.outcome())
    except ApplicationError as e:
        log.warning("staging not swept", code=e.type)
    finally:
        await child.end()
