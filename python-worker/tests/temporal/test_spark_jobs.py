"""Whose Spark jobs a run may start in EMR Serverless. What an emulator can evaluate of it is in
`test_run_role.py`; what only AWS can, in docs/unproven.md.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from inlet_sdk.errors import FatalError
from inlet_worker.contracts import models
from inlet_worker.temporal.run_role import POLICY_CHARACTERS, session_policy
from inlet_worker.temporal.spark_jobs import JobAccess, job_access, spark_of
from inlet_worker.tools.spark.emr_serverless import EmrPlace, job_policy

from .plans import a_plan, a_sink
from .settings import settings_with

SPARK = {
    "kind": "emr-serverless",
    "tenants": {
        tenant_id: {
            "applicationId": f"00{tenant_id}",
            "executionRoleArn": f"arn:aws:iam::000000000000:role/spark-{tenant_id}",
        }
        for tenant_id in ("acme", "globex")
    },
    "entryPoint": "s3://code/job.py",
    "bucket": "staging",
    "prefix": "rows",
}
SETTINGS = settings_with(INLET_SPARK=json.dumps(SPARK))
TRANSFORM = {"tool": "spark", "function": "acme.issues:made"}


def a_task(tenant_id: str, transform: dict[str, Any] | None = TRANSFORM) -> models.RunUnitInput:
    """A run of the tenant, whose policy has the transform."""
    source = {
        "endpointId": "ep_1",
        "slug": "jira",
        "connector": "jira",
        "connectorVersion": "1.0.0",
        "config": {},
        "authType": None,
        "credential": None,
    }
    policy = {"primaryKeys": ["id"], **({"transform": transform} if transform else {})}
    plan = a_plan(source, [], tenantId=tenant_id, policy=policy, sink=a_sink())
    return models.RunUnitInput(plan=plan, slice=0, continuation=None)


def test_a_tenants_jobs_have_its_application_its_role_and_its_folder() -> None:
    acme, globex = spark_of(SETTINGS, "acme"), spark_of(SETTINGS, "globex")
    assert (acme["applicationId"], acme["prefix"]) == ("00acme", "rows/acme")
    assert acme["executionRoleArn"] != globex["executionRoleArn"]
    assert "tenants" not in acme


def test_a_tenant_that_the_environment_does_not_name_has_no_spark() -> None:
    with pytest.raises(FatalError) as refused:
        spark_of(SETTINGS, "other")
    assert refused.value.details == {"field": "policy.transform.tool"}
    assert job_access(a_task("other"), "other", SETTINGS) == JobAccess()


def test_spark_that_is_not_in_emr_is_where_the_environment_says() -> None:
    local = settings_with(INLET_SPARK='{"kind": "local"}')
    assert spark_of(local, "acme") == {"kind": "local"}
    assert job_access(a_task("acme"), "acme", local) == JobAccess()


@pytest.mark.parametrize("transform", [None, {"tool": "duckdb", "sql": "SELECT * FROM rows"}])
def test_a_run_without_a_spark_transform_may_start_no_job(transform: dict[str, Any] | None) -> None:
    assert job_access(a_task("acme", transform), "acme", SETTINGS) == JobAccess()


def test_a_run_may_start_jobs_of_its_own_tenant_only() -> None:
    access = job_access(a_task("acme"), "acme", SETTINGS)
    assert access.objects == ("arn:aws:s3:::staging/rows/acme/*",)
    assert access.listed == ("rows/acme/*",)
    (jobs,) = access.statements
    assert jobs["Action"] == ["emr-serverless:*", "iam:PassRole"]
    assert jobs["Resource"] == [
        "arn:aws:emr-serverless:*:*:/applications/00acme*",
        "arn:aws:iam::000000000000:role/spark-acme",
    ]


def test_the_statements_have_room_beside_those_of_every_run() -> None:
    tenant_id = "0123abcd-0123-4567-89ab-0123456789ab"
    own = {
        "applicationId": "00f1abcdefgh0123",
        "executionRoleArn": "arn:aws:iam::000000000000:role/inlet-prod-spark-acme-corp",
    }
    settings = settings_with(
        INLET_SPARK=json.dumps({**SPARK, "tenants": {tenant_id: own}}),
        INLET_STAGING_BUCKET="s" * 40,
        INLET_LAKE_BUCKET="l" * 40,
    )
    task = a_task(tenant_id)
    jobs = job_access(task, tenant_id, settings)
    sinks = [task.plan.sink] if task.plan.sink else []
    assert jobs.statements
    assert (
        len(session_policy(tenant_id, settings, sinks, jobs, asks_broker=True)) <= POLICY_CHARACTERS
    )


def test_a_job_is_left_the_rows_of_its_call_and_its_code() -> None:
    place = EmrPlace("00acme", "arn:aws-cn:iam::1:role/r", "s3://code/job.py", "s3://b/rows/acme")
    statements = json.loads(job_policy(place, "s3://b/rows/acme/call"))["Statement"]
    reached = [one["Resource"] for one in statements if "Condition" not in one]
    assert reached == ["arn:aws-cn:s3:::b/rows/acme/call/*", "arn:aws-cn:s3:::code/job.py"]
