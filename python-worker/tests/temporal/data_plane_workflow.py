"""A workflow that calls one activity of the Python queue, as the TypeScript workflows do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy


@workflow.defn(name="oneActivity", sandboxed=False)
class OneActivity:
    @workflow.run
    async def run(self, queue: str, activity: str, given: dict[str, Any], attempts: int) -> Any:
        return await workflow.execute_activity(
            activity,
            given,
            task_queue=queue,
            start_to_close_timeout=timedelta(minutes=12),
            heartbeat_timeout=timedelta(seconds=20),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            retry_policy=RetryPolicy(
                maximum_attempts=attempts, initial_interval=timedelta(milliseconds=10)
            ),
        )
