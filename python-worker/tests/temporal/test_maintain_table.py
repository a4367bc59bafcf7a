"""Upkeep as Temporal calls it: in a child with its tenant's part of the run role, in the lake of
the environment and in a place of the tenant's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from temporalio.exceptions import ApplicationError

from inlet_worker.contracts import models

from .plans import a_sink
from .stage import Stage, lake_of, landed


def a_table(sink: dict[str, Any] | None = None, **changes: Any) -> models.MaintainTableInput:
    return models.MaintainTableInput.model_validate(
        {
            "tenantId": "acme",
            "endpointId": "ep_1",
            "unitId": "jira.issues",
            "slug": "jira",
            "dataset": "jira.issues",
            "sink": sink or a_sink(),
            **changes,
        }
    )


async def test_upkeep_brings_the_files_of_a_units_table_together(
    stage: Stage, lake_folder: Path
) -> None:
    await stage.run(await stage.plan("run_1"))
    table = lake_of(lake_folder, "acme").load_table("jira.issues")
    # As many small slices leave it: each file again, as two of its own.
    rows = table.scan().to_arrow()
    half = rows.num_rows // 2
    table.overwrite(rows.slice(0, half))
    table.append(rows.slice(half))
    before = landed(lake_folder, "jira.issues")

    result = await stage.call("maintain_table", a_table())

    assert result.done
    assert (result.figures.files_compacted, result.figures.files_written) == (2, 1)
    after = landed(lake_folder, "jira.issues")
    assert sorted(map(repr, after)) == sorted(map(repr, before))
    again = await stage.call("maintain_table", a_table())
    assert again.done and again.figures.files_compacted == 0


async def test_upkeep_of_a_table_that_is_not_there_makes_none(
    stage: Stage, lake_folder: Path
) -> None:
    result = await stage.call("maintain_table", a_table(unitId="jira.none", dataset="jira.none"))
    assert result.done
    assert not lake_of(lake_folder, "acme").namespace_exists("jira")


async def test_another_tenants_credential_opens_no_sink_for_upkeep(stage: Stage) -> None:
    sink = a_sink(
        type="files.parquet",
        config={"location": "s3://acme-own/files"},
        credential={
            "secretId": "inlet/local/other/sink_1/x",
            "versionId": "x",
            "tenantId": "other",
            "ownerId": "sink_1",
        },
    )
    with pytest.raises(ApplicationError) as raised:
        await stage.call("maintain_table", a_table(sink))
    assert raised.value.type == "AUTH_ERROR"


async def test_upkeep_sweeps_what_nothing_refers_to_in_any_sink(stage: Stage) -> None:
    boto3.client("s3").put_object(
        Bucket="lake", Key="files/acme/jira/issues/run=dead-0/x/000000.parquet", Body=b"rows"
    )
    result = await stage.call("maintain_table", a_table(a_sink(type="files.parquet")))
    # It is too young: its commit may be on its way.
    assert result.done and result.figures.files_deleted == 0
