"""Replays and redrives as Temporal calls them, on a site, an AWS and a lake of this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from temporalio.exceptions import ApplicationError

from inlet_worker.contracts import models
from sandbox_server import SandboxServer

from .local_aws import get_run, staged_keys
from .stage import Stage, lake_of, landed

POLICY = {"primaryKeys": ["id"], "cursorField": "updated"}
KEPT = {**POLICY, "retainStagingDays": 1}


def requests(sandbox: SandboxServer) -> int:
    return int(sandbox.control("stats")["requests"])


def versions(folder: Path) -> dict[str, str]:
    rows = landed(folder, "jira.issues")
    found = {row["id"]: row["_version"] for row in rows}
    assert len(found) == len(rows)
    return found


async def test_a_dropped_table_is_landed_again_without_the_vendor(
    stage: Stage, sandbox: SandboxServer, lake_folder: Path
) -> None:
    first = await stage.run(await stage.plan("run_kept", policy=KEPT))
    rows, asked = versions(lake_folder), requests(sandbox)
    lake_of(lake_folder, "acme").drop_table("jira.issues")
    replay = {"runId": "run_kept", "epoch": 1, "slice": first.slice, "mode": "INCREMENTAL"}
    source = {**stage.source, "credential": None}
    plan = await stage.plan("run_again", epoch=2, policy=POLICY, replay=replay, source=source)
    result = await stage.run(plan)
    assert versions(lake_folder) == rows and requests(sandbox) == asked
    assert (result.outcome, result.done, result.next_checkpoint) == ("COMMITTED", True, None)
    assert result.stats.read == result.stats.landed == len(rows) and result.stats.requests == 0
    assert result.artifact and result.artifact.commit_id == "run_again/0"
    assert get_run("acme", "run_again")["progress"]["rows"] == len(rows)
    await stage.call("close_staging", models.CloseStagingInput(plan=plan))
    assert [
        key for key in staged_keys() if "run_kept" in key
    ]  # it is another run's, and may be replayed once more


async def test_a_replay_of_what_is_gone_fails_and_says_what_to_do(stage: Stage) -> None:
    replay = {"runId": "run_gone", "epoch": 1, "slice": 0, "mode": "INCREMENTAL"}
    with pytest.raises(ApplicationError) as refused:
        await stage.run(await stage.plan("run_replay", policy=POLICY, replay=replay))
    assert (refused.value.type, refused.value.non_retryable) == ("STAGING_GONE", True)


async def test_records_of_a_new_column_land_once_the_policy_takes_it(
    stage: Stage, sandbox: SandboxServer, lake_folder: Path
) -> None:
    first = await stage.run(await stage.plan("run_narrow"))
    assert first.next_checkpoint
    with lake_of(lake_folder, "acme").load_table("jira.issues").update_schema() as update:
        update.delete_column("summary")
    touched = sandbox.control("touch", {"count": 4})["ids"]
    then: dict[str, Any] = {
        "checkpoint": first.next_checkpoint.model_dump(by_alias=True),
        "checkpointVersion": 1,
    }
    refused = await stage.run(
        await stage.plan("run_drift", epoch=2, policy={**POLICY, "schema": "quarantine"}, **then)
    )
    assert (refused.stats.quarantined, refused.stats.landed) == (4, 0)
    asked = requests(sandbox)
    plan = await stage.plan(
        "run_redrive", epoch=3, policy=POLICY, redrive={"code": "SCHEMA_FROZEN"}
    )
    result = await stage.run(plan)
    assert (result.stats.read, result.stats.landed, result.done) == (4, 4, True)
    assert requests(sandbox) == asked and result.next_checkpoint is None
    rows = {row["id"]: row for row in landed(lake_folder, "jira.issues")}
    assert len(rows) == first.stats.landed
    assert {key for key, row in rows.items() if row["summary"]} == set(touched)
    again = await stage.run(await stage.plan("run_redrive2", epoch=4, policy=POLICY, redrive={}))
    assert (again.stats.read, again.stats.landed) == (0, 0)
    assert not [key for key in staged_keys() if "run_redrive" in key]
    marks = boto3.client("s3").list_objects_v2(
        Bucket="staging", Prefix="quarantine/acme/ep_1/jira.issues/_redriv"
    )
    assert [entry["Key"].rsplit("/", 2)[1] for entry in marks["Contents"]] == [
        "_redriven",
        "_redriven",
    ]


async def test_a_discard_lands_nothing_and_the_next_run_is_through(
    stage: Stage, sandbox: SandboxServer, lake_folder: Path
) -> None:
    first = await stage.run(await stage.plan("run_whole"))
    with lake_of(lake_folder, "acme").load_table("jira.issues").update_schema() as update:
        update.delete_column("summary")
    sandbox.control("touch", {"count": 4})
    policy = {**POLICY, "schema": "quarantine"}

    def then(result: models.RunUnitResult) -> dict[str, Any]:
        assert result.next_checkpoint
        checkpoint = result.next_checkpoint.model_dump(by_alias=True)
        return {"checkpoint": checkpoint, "checkpointVersion": 1}

    refused = await stage.run(
        await stage.plan("run_refused", epoch=2, policy=policy, **then(first))
    )
    assert "QUARANTINED" in [one.code for one in refused.evidence]
    asked = requests(sandbox)
    redrive = {"code": "SCHEMA_FROZEN", "discard": True}
    discarded = await stage.run(
        await stage.plan("run_discard", epoch=3, policy=policy, redrive=redrive, **then(refused))
    )
    assert [one.code for one in discarded.evidence] == ["DISCARDED"] and discarded.done
    assert (discarded.stats.read, discarded.stats.landed) == (4, 0)
    assert requests(sandbox) == asked and not [key for key in staged_keys() if "run_discard" in key]
    assert discarded.next_checkpoint and refused.next_checkpoint
    assert discarded.next_checkpoint.position == refused.next_checkpoint.position

    last = await stage.run(await stage.plan("run_after", epoch=4, policy=policy, **then(discarded)))
    assert not [one.code for one in last.evidence if one.weight.value != "info"]


async def test_a_column_that_is_known_later_is_filled_without_the_vendor(
    stage: Stage, sandbox: SandboxServer, lake_folder: Path
) -> None:
    whole = await stage.plan("run_narrow")
    fields = [field for field in whole.fields if field.name != "summary"]
    first = await stage.run(whole.model_copy(update={"fields": fields}))
    assert first.next_checkpoint
    then: dict[str, Any] = {
        "checkpoint": first.next_checkpoint.model_dump(by_alias=True),
        "checkpointVersion": 1,
    }
    asked = requests(sandbox)
    plan = await stage.plan("run_refill", epoch=2, policy=POLICY, refill=True, **then)
    result = await stage.run(plan)

    rows = landed(lake_folder, "jira.issues")
    assert result.stats.read == result.stats.landed == len(rows) == first.stats.landed
    told = {row["id"]: json.loads(row["_raw"])["fields"].get("summary") for row in rows}
    filled = {row["id"] for row in rows if row["summary"] is not None}
    assert filled == {key for key, summary in told.items() if summary is not None} != set()
    assert requests(sandbox) == asked
    assert result.done and result.artifact and result.artifact.commit_id == "run_refill/0"
    assert [one.code for one in result.evidence] == ["REFILLED"]
    assert result.next_checkpoint
    assert result.next_checkpoint.position == first.next_checkpoint.position
    assert not [key for key in staged_keys() if "run_refill" in key]
