"""The activities as Temporal calls them, on a site, an AWS and a lake of this machine."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from temporalio.exceptions import ApplicationError

from inlet_worker.contracts import models
from inlet_worker.host.manifest import connector_manifest
from sandbox_server import SandboxServer

from .local_aws import get_run, put_run, staged_keys
from .plans import a_sink
from .stage import Stage, lake_of, landed, staged_object

NAMES = (
    "jira.projects",
    "jira.issues",
    "jira.users",
    "jira.comments",
    "jira.worklogs",
    "jira.changelog",
)


async def test_collecting_stages_the_catalogue_and_names_the_units(stage: Stage) -> None:
    result = await stage.collect("col_7")
    body = staged_object("catalog/acme/col_7.json")
    assert (result.key, result.sha256) == (
        "catalog/acme/col_7.json",
        hashlib.sha256(body).hexdigest(),
    )
    assert set(result.units) == set(NAMES)
    assert result.datasets == len(stage.catalog) > len(NAMES)
    assert result.source_system.vendor


async def test_collecting_stages_the_units_as_the_connector_describes_them(stage: Stage) -> None:
    result = await stage.collect("col_8")
    catalog = json.loads(staged_object(result.key))
    entry = next(one for one in connector_manifest()["connectors"] if one["name"] == "jira")
    assert catalog["connectorVersion"] == entry["version"]
    assert catalog["units"] == entry["units"]
    assert [unit["unitId"] for unit in catalog["units"]] == result.units


@pytest.mark.parametrize(("unit_id", "key"), [("jira.issues", "id"), ("jira.users", "accountId")])
async def test_a_run_lands_every_record_of_the_site_once(
    stage: Stage, sandbox: SandboxServer, lake_folder: Path, unit_id: str, key: str
) -> None:
    plan = await stage.plan(f"run_{unit_id}", unit_id)
    result = await stage.run(plan)
    table = unit_id.split(".")[1]
    truth = sandbox.truth(table)
    assert (result.outcome, result.done, result.continuation) == ("COMMITTED", True, None)
    assert sorted(str(row[key]) for row in landed(lake_folder, unit_id)) == sorted(truth)
    assert result.stats.read == result.stats.landed == len(truth)
    assert result.new_checkpoint == result.next_checkpoint and result.errors == []
    assert (
        result.artifact
        and result.artifact.commit_id == f"run_{unit_id}/0"
        and result.artifact.rows == len(truth)
    )
    run = get_run("acme", f"run_{unit_id}")
    assert (
        run["progress"]["rows"] == len(truth)
        and run["pendingSlice"]["commitId"] == f"run_{unit_id}/0"
    )
    assert not [key for key in staged_keys() if plan.run_id in key]


async def test_an_attempt_after_an_unheard_commit_answers_the_same_and_lands_nothing(
    stage: Stage, lake_folder: Path
) -> None:
    plan = await stage.plan("run_again")
    first = await stage.run(plan)
    again = await stage.run(plan)
    assert again.next_checkpoint == first.next_checkpoint
    assert (again.stats, again.artifact) == (first.stats, first.artifact)
    ids = [row["id"] for row in landed(lake_folder, "jira.issues")]
    assert len(ids) == len(set(ids)) == first.stats.landed


async def test_a_run_goes_on_from_its_checkpoint(
    stage: Stage, sandbox: SandboxServer, lake_folder: Path
) -> None:
    first = await stage.run(await stage.plan("run_first"))
    assert first.next_checkpoint
    sandbox.control("touch", {"count": 5})
    checkpoint = first.next_checkpoint.model_dump(by_alias=True)
    second = await stage.run(
        await stage.plan("run_second", epoch=2, checkpoint=checkpoint, checkpointVersion=1)
    )
    assert (second.stats.landed, second.stats.updated) == (5, 5)
    assert len(landed(lake_folder, "jira.issues")) == first.stats.landed


async def test_a_run_that_ended_meanwhile_is_fenced_and_changes_nothing(
    stage: Stage, lake_folder: Path
) -> None:
    plan = await stage.plan("run_over")
    put_run("acme", "run_over", epoch=1, status="FAILED")
    with pytest.raises(ApplicationError) as refused:
        await stage.run(plan)
    assert (refused.value.type, refused.value.non_retryable) == ("FENCED", True)
    assert not (lake_folder / "acme.db").exists() or not tables(lake_folder)


async def test_the_sink_is_asked_what_it_committed(stage: Stage) -> None:
    plan = await stage.plan("run_asked")
    result = await stage.run(plan)
    yes = await stage.call(
        "ask_sink_for_commit", models.AskSinkInput(plan=plan, commit_id="run_asked/0")
    )
    no = await stage.call(
        "ask_sink_for_commit", models.AskSinkInput(plan=plan, commit_id="run_asked/1")
    )
    assert (yes.committed, yes.artifact) == (True, result.artifact)
    assert (no.committed, no.artifact) == (False, None)


async def test_who_asks_fences_those_before_out(stage: Stage) -> None:
    await stage.run(await stage.plan("run_1st"))
    successor = await stage.plan("run_3rd", epoch=3)
    await stage.call(
        "ask_sink_for_commit", models.AskSinkInput(plan=successor, commit_id="run_2nd/0")
    )
    with pytest.raises(ApplicationError) as refused:
        await stage.run(await stage.plan("run_2nd", epoch=2))
    assert refused.value.type == "FENCED"


async def test_closing_deletes_what_the_run_staged_and_nothing_else(stage: Stage) -> None:
    plan = await stage.plan("run_close")
    keys = {run: f"stg/acme/{run}/0/1/000000" for run in ("run_close", "run_close2")}
    for key in keys.values():
        boto3.client("s3").put_object(Bucket="staging", Key=key, Body=b"rows")
    await stage.call("close_staging", models.CloseStagingInput(plan=plan))
    assert keys["run_close"] not in staged_keys() and keys["run_close2"] in staged_keys()


async def test_a_unit_that_retains_its_staging_keeps_it_for_replay(stage: Stage) -> None:
    plan = await stage.plan("run_retain", policy={"primaryKeys": ["id"], "retainStagingDays": 3})
    boto3.client("s3").put_object(
        Bucket="staging", Key="stg/acme/run_retain/0/1/000000", Body=b"rows"
    )
    await stage.call("close_staging", models.CloseStagingInput(plan=plan))
    assert "stg/acme/run_retain/0/1/000000" in staged_keys()


async def test_a_working_endpoint_says_who_we_are(stage: Stage) -> None:
    result = await stage.probe(kind="TEST_ENDPOINT", source=stage.source)
    assert result.error is None and result.summary["accountId"]


async def test_an_endpoint_without_its_credential_is_an_answer_not_a_failure(stage: Stage) -> None:
    result = await stage.probe(kind="TEST_ENDPOINT", source={**stage.source, "credential": None})
    assert result.error and (result.error.code, result.error.retryable) == ("AUTH_ERROR", False)


async def test_a_config_off_its_schema_is_an_answer_not_a_failure(stage: Stage) -> None:
    result = await stage.probe(
        kind="TEST_ENDPOINT", source={**stage.source, "config": {"baseUrl": "ftp://x"}}
    )
    assert result.error and result.error.code == "CONFIG_INVALID"


async def test_the_environments_lake_can_be_written(stage: Stage) -> None:
    result = await stage.probe(kind="TEST_SINK", sink=a_sink())
    assert result.error is None


async def test_a_sink_in_the_platforms_own_bucket_is_refused(stage: Stage) -> None:
    config = {"catalog": "glue", "warehouse": "s3://lake/lake/other"}
    result = await stage.probe(kind="TEST_SINK", sink=a_sink(config=config))
    assert (
        result.error
        and result.error.code == "CONFIG_INVALID"
        and "bucket of yours" in result.error.message
    )


async def test_a_preview_stages_its_rows(stage: Stage) -> None:
    result = await stage.probe(kind="PREVIEW", source=stage.source, dataset="jira.issues", limit=3)
    rows = json.loads(staged_object(result.key or ""))
    assert result.key == "preview/acme/probe_1.json"
    assert len(rows) == 3 and all(row["id"] and row["_raw"] for row in rows)


def tables(folder: Path) -> list[Any]:
    lake = lake_of(folder, "acme")
    return [table for namespace in lake.list_namespaces() for table in lake.list_tables(namespace)]


async def test_a_run_that_does_not_move_is_given_up(stage: Stage) -> None:
    task = "temporal.child_tasks:ignore_stops_and_move"
    with pytest.raises(ApplicationError) as given_up:
        await stage.run(await stage.plan("run_stuck"), stage.on(task, stall_seconds=0.5))
    assert (given_up.value.type, given_up.value.non_retryable) == ("TIMEOUT", False)
    assert not Path(f"/proc/{stage.children.started[-1].pid}").exists()
