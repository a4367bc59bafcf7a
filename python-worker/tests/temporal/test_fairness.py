"""What a Temporal server does with the fairness keys and priorities that our workflows give their
activities (decision 15): a tenant that floods a queue delays another's task by one, not by
the flood.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from datetime import timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.common import Priority
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

MANUAL, SCHEDULE = 2, 3
FLOOD = 40
FAIR = ("matching.useNewMatcher=true", "matching.enableFairness=true")
ONE_PARTITION = ("matching.numTaskqueueReadPartitions=1", "matching.numTaskqueueWritePartitions=1")
"""Order is kept within a partition; a queue of one task at a time shows it as a whole."""
order: list[str] = []


@activity.defn
async def note(name: str) -> None:
    order.append(name)


@workflow.defn(sandboxed=False)
class Flood:
    @workflow.run
    async def run(self, queue: str, tasks: list[tuple[str, str, int]]) -> None:
        started = [
            workflow.start_activity(
                note,
                name,
                task_queue=queue,
                start_to_close_timeout=timedelta(seconds=30),
                priority=Priority(priority_key=priority, fairness_key=tenant),
            )
            for name, tenant, priority in tasks
        ]
        await asyncio.gather(*started)


async def backlog(client: Client, queue: str) -> int:
    """Activities that wait in the queue itself. A workflow shows them as pending earlier, while
    they are still on their way there.
    """
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        report_stats=True,
    )
    described = await client.workflow_service.describe_task_queue(request)
    return described.stats.approximate_backlog_count


async def test_a_tenant_that_floods_a_queue_delays_anothers_tasks_by_one_each() -> None:
    flood = [(f"noisy {n}", "noisy", SCHEDULE) for n in range(FLOOD)]
    others = [(f"other {n}", "other", SCHEDULE) for n in range(3)]
    asked = [("somebody waits", "noisy", MANUAL)]
    settings = [
        part for value in (*FAIR, *ONE_PARTITION) for part in ("--dynamic-config-value", value)
    ]
    server = str(Path(sys.executable).with_name("temporal"))

    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=server, dev_server_extra_args=settings
    ) as environment:
        client, queue = environment.client, uuid.uuid4().hex
        async with Worker(client, task_queue="workflows", workflows=[Flood]):
            tasks = [*flood, *others, *asked]
            run = await client.start_workflow(
                Flood.run, args=[queue, tasks], id=queue, task_queue="workflows"
            )
            while await backlog(client, queue) < len(tasks):
                await asyncio.sleep(0.05)
            async with Worker(
                client,
                task_queue=queue,
                activities=[note],
                max_concurrent_activities=1,
                max_concurrent_activity_task_polls=1,
            ):
                await run.result()

    assert order[0] == "somebody waits"
    assert max(order.index(name) for name, _, _ in others) < FLOOD // 4
