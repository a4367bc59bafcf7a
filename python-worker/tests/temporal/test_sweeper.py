from __future__ import annotations

from datetime import UTC, datetime

import boto3

from inlet_worker.temporal.sweeper import sweep_once

from .local_aws import staged_keys
from .stage import Stage


async def test_the_sweep_runs_in_a_child_that_is_told_who_it_is(stage: Stage) -> None:
    boto3.client("s3").put_object(
        Bucket="staging", Key="stg/swept_in_child/run_unknown/0/1/000000", Body=b"rows"
    )
    await sweep_once(stage.children, stage.role)
    assert not [key for key in staged_keys() if key.startswith("stg/swept_in_child/")]


async def test_a_child_that_is_told_nobody_reaches_nothing(stage: Stage) -> None:
    """The worker of this test has keys in its environment; a run without an identity finds none."""
    child = await stage.children.start(
        "temporal.hostile_tasks:look_around", b"{}", datetime(2100, 1, 1, tzinfo=UTC), {}
    )
    seen = await child.outcome()
    await child.end()
    assert boto3.Session().get_credentials() is not None  # the control
    assert seen["value"]["credentials"] is False
