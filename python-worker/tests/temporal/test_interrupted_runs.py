"""Exactly once, whatever is killed or delayed on the way into the sink."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from inlet_worker.contracts import models
from inlet_worker.temporal.child_process import ChildProcess
from sandbox_server import SandboxServer

from .interrupted_tasks import STEPS
from .local_aws import get_run, staged_keys
from .stage import Stage, lake_of, landed

MANY = 50  # activities: a run that needs more goes in circles


@asynccontextmanager
async def stopped_run(
    stage: Stage, plan: models.RunPlan, step: str
) -> AsyncIterator[tuple[ChildProcess, asyncio.Task[models.RunUnitResult]]]:
    """A run that stands still at the step."""
    before = len(stage.children.started)
    attempt = asyncio.create_task(
        stage.run(plan, stage.on(f"temporal.interrupted_tasks:stopped_when_{step}"))
    )
    child = await stage.children.next(before + 1)
    while not is_stopped(child.pid):
        assert not attempt.done(), attempt
        await asyncio.sleep(0.01)
    yield child, attempt


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def snapshots(folder: Path) -> list[Any]:
    return list(lake_of(folder, "acme").load_table("jira.issues").snapshots())


@pytest.mark.parametrize("step", STEPS)
async def test_a_run_that_was_killed_lands_once_with_its_next_attempt(
    stage: Stage, sandbox: SandboxServer, lake_folder: Path, step: str
) -> None:
    plan = await stage.plan(f"run_killed_{step}")
    async with stopped_run(stage, plan, step) as (child, attempt):
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(ApplicationError) as killed:
            await attempt
    assert (killed.value.type, killed.value.non_retryable) == ("INTERNAL", False)
    result = await stage.run(plan)
    truth = sandbox.truth("issues")
    assert sorted(row["id"] for row in landed(lake_folder, "jira.issues")) == sorted(truth)
    assert (result.outcome, result.done, result.stats.landed) == ("COMMITTED", True, len(truth))
    assert result.next_checkpoint and len(snapshots(lake_folder)) == 1
    assert not [key for key in staged_keys() if plan.run_id in key]


@pytest.mark.parametrize("step", ["sealed", "pending", "written"])
async def test_a_commit_that_comes_after_its_successors_is_refused(
    stage: Stage, sandbox: SandboxServer, lake_folder: Path, step: str
) -> None:
    late = await stage.plan(f"run_late_{step}", epoch=1)
    async with stopped_run(stage, late, step) as (child, attempt):
        sandbox.control("touch", {"count": 3})
        await stage.run(await stage.plan(f"run_successor_{step}", epoch=2))
        after, kept = landed(lake_folder, "jira.issues"), len(snapshots(lake_folder))
        os.kill(child.pid, signal.SIGCONT)
        with pytest.raises(ApplicationError) as refused:
            await attempt
    assert (refused.value.type, refused.value.non_retryable) == ("FENCED", True)
    assert by_id(landed(lake_folder, "jira.issues")) == by_id(after)
    assert len(snapshots(lake_folder)) == kept
    assert len(after) == len(sandbox.truth("issues"))


async def test_an_attempt_that_wakes_beside_the_next_one_lands_nothing_twice(
    stage: Stage, sandbox: SandboxServer, lake_folder: Path
) -> None:
    plan = await stage.plan("run_twice")
    async with stopped_run(stage, plan, "pending") as (child, attempt):
        second = await stage.run(plan)
        os.kill(child.pid, signal.SIGCONT)
        first = await attempt
    assert (first.next_checkpoint, first.artifact) == (second.next_checkpoint, second.artifact)
    assert len(landed(lake_folder, "jira.issues")) == len(sandbox.truth("issues"))
    assert len(snapshots(lake_folder)) == 1


def by_id(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows}


@pytest.mark.parametrize("mode", ["FULL", "INCREMENTAL"])
async def test_a_run_whose_worker_keeps_shutting_down_still_lands_everything_once(
    stage: Stage, sandbox: SandboxServer, lake_folder: Path, mode: str
) -> None:
    plan = await stage.plan(f"run_drained_{mode}", "jira.comments", mode=mode)
    results = [await stage.run(plan, stage.on("temporal.interrupted_tasks:stopping_at_once"))]
    assert (results[0].outcome, results[0].stats.landed) == ("CONTINUE", 0)
    while not results[-1].done and len(results) < MANY:
        activities = stage.on("temporal.interrupted_tasks:stopping_after_each_page")
        results.append(await stage.run(plan, activities, before=results[-1]))
    truth = sandbox.truth("comments")
    assert sorted(row["id"] for row in landed(lake_folder, "jira.comments")) == sorted(truth)
    assert (
        sum(result.stats.landed for result in results)
        == sum(result.stats.read for result in results)
        == len(truth)
    )
    assert len(results) > 2 and not [key for key in staged_keys() if plan.run_id in key]
    assert get_run("acme", plan.run_id)["progress"]["rows"] == len(truth)
