"""The Temporal worker: connects, polls the two Python task queues, and drains within a minute of
SIGTERM.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from temporalio.client import Client, TLSConfig
from temporalio.worker import Worker

from inlet_sdk.errors import FatalError
from inlet_worker.config import Settings, TemporalConnection, parse_temporal_secret
from inlet_worker.contracts import names
from inlet_worker.host import logs
from inlet_worker.host.aws import Aws
from inlet_worker.temporal.activities import Activities
from inlet_worker.temporal.child_process import ChildProcesses
from inlet_worker.temporal.codec import BucketClaims, PayloadEncryption, data_converter
from inlet_worker.temporal.key_ring import read_key_ring
from inlet_worker.temporal.run_role import RunRole
from inlet_worker.temporal.sweeper import sweep_now_and_then

RUNS = names.TASK_QUEUE_PYTHON
PROBES = names.TASK_QUEUE_PYTHON_PROBES
DRAIN = timedelta(seconds=60)
HEARTBEAT_THROTTLE = timedelta(seconds=5)
"""Cancels arrive with the answer to a heartbeat: this keeps them within 10 s."""
WATCH_SECONDS = 5.0


async def run_worker(settings: Settings, children: ChildProcesses) -> None:
    """Returns after SIGTERM or SIGINT, when what ran has sealed and handed back its continuation.
    Raises FatalError when no run can be started any more.
    """
    log = logs.get_logger(__name__)
    aws = Aws()
    client = await connect(settings, aws)
    role = RunRole(aws.sts, settings)
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)

    beside = [
        asyncio.create_task(sweep_now_and_then(children, role)),
        asyncio.create_task(_watch(children, stop)),
    ]

    slots = {RUNS: settings.max_activities, PROBES: settings.max_probes}
    activities = Activities(children, role, slots=slots)
    try:
        workers = [create_worker(client, activities, queue, most) for queue, most in slots.items()]
        async with AsyncExitStack() as polling:
            for worker in workers:
                await polling.enter_async_context(worker)
            log.info("worker polls", taskQueues=list(slots), namespace=client.namespace)
            await stop.wait()
            log.info("worker drains")
            # At once: left one after the other, the queues would take twice the time that ECS
            # gives.
            await asyncio.gather(*(worker.shutdown() for worker in workers))
    finally:
        for task in beside:
            task.cancel()

    if children.are_lost:
        raise FatalError(
            "INTERNAL",
            "The worker's fork server died, and only root can start one. Start the worker again.",
        )


async def _watch(children: ChildProcesses, stop: asyncio.Event) -> None:
    """Stops a worker that can start no run: whoever keeps it running starts another."""
    while not children.are_lost:
        await asyncio.sleep(WATCH_SECONDS)
    stop.set()


def create_worker(client: Client, activities: Activities, task_queue: str, slots: int) -> Worker:
    """Each queue has slots of its own: what waits on one is never behind what works on the other.
    Both take every activity, so that what was scheduled by an older service is done wherever it
    waits.
    """
    return Worker(
        client,
        task_queue=task_queue,
        activities=activities.create(),
        max_concurrent_activities=slots,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        default_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        graceful_shutdown_timeout=DRAIN,
    )


async def connect(settings: Settings, aws: Aws) -> Client:
    """The client of the Temporal that the secret names, with everything it sends encrypted."""
    secret = aws.secrets.get_secret_value(SecretId=settings.temporal_secret)["SecretString"]
    connection = parse_temporal_secret(secret)
    ring = read_key_ring(settings.payload_key, aws.secrets, aws.kms)
    codec = PayloadEncryption(ring, BucketClaims(aws.s3, settings.staging_bucket))
    return await Client.connect(
        connection.address,
        namespace=connection.namespace,
        data_converter=data_converter(codec),
        **_identity(connection),
    )


def _identity(connection: TemporalConnection) -> dict[str, Any]:
    if connection.api_key:
        # A regional address of Temporal Cloud serves many namespaces: the header tells which one
        # the key is for.
        metadata = {"temporal-namespace": connection.namespace}
        return {"api_key": connection.api_key, "tls": True, "rpc_metadata": metadata}
    if connection.certificate and connection.private_key:
        return {
            "tls": TLSConfig(
                client_cert=connection.certificate, client_private_key=connection.private_key
            )
        }
    return {}
