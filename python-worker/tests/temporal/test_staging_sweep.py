from __future__ import annotations

from datetime import UTC, datetime, timedelta

import boto3

from inlet_worker.config import Settings
from inlet_worker.temporal.staging_sweep import sweep_staging
from inlet_worker.temporal.work import Work

from .local_aws import put_run, staged_keys


def test_a_run_that_can_be_replayed_keeps_its_staging_until_its_days_are_over(
    settings: Settings,
) -> None:
    now = datetime.now(UTC)
    ended = {"rp_kept": now - timedelta(days=1), "rp_over": now - timedelta(days=2, seconds=1)}
    for run_id, at in ended.items():
        boto3.client("s3").put_object(
            Bucket="staging", Key=f"stg/replayer/{run_id}/0/1/000000", Body=b"rows"
        )
        put_run(
            "replayer", run_id, status="COMPLETE", retainStagingDays=2, finishedAt=at.isoformat()
        )
    sweep_staging({}, Work(settings, datetime(2100, 1, 1, tzinfo=UTC)))
    assert [key.split("/")[2] for key in staged_keys() if key.startswith("stg/replayer/")] == [
        "rp_kept"
    ]


def test_only_runs_that_are_over_or_unknown_are_swept(settings: Settings) -> None:
    runs = {
        "sw_active": "RUNNING",
        "sw_waiting": "WAITING",
        "sw_ended": "COMPLETE",
        "sw_unknown": None,
    }
    for run_id, status in runs.items():
        boto3.client("s3").put_object(
            Bucket="staging", Key=f"stg/sweeper/{run_id}/0/1/000000", Body=b"rows"
        )
        if status:
            put_run("sweeper", run_id, status=status)
    sweep_staging({}, Work(settings, datetime(2100, 1, 1, tzinfo=UTC)))
    left = {key.split("/")[2] for key in staged_keys() if key.startswith("stg/sweeper/")}
    assert left == {"sw_active", "sw_waiting"}
