"""The run role in an AWS that evaluates policies: what a run of one tenant may reach, and what it
may not.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from inlet_sdk.errors import FatalError
from inlet_worker.contracts import models
from inlet_worker.temporal.lake import tenant_databases
from inlet_worker.temporal.run_role import POLICY_CHARACTERS, RunRole, references, session_policy
from inlet_worker.tools.spark.emr_serverless import EmrPlace, job_policy

from .local_aws import ACCOUNT, local_aws
from .settings import settings_with
from .test_spark_jobs import SPARK, a_task

ROLE = f"arn:aws:iam::{ACCOUNT}:role/run"
SETTINGS = settings_with(INLET_RUN_ROLE=ROLE)
TENANTS = ("acme", "globex")
SERVICES = ("s3:*", "secretsmanager:*", "lambda:*")
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}", fullmatch=True)
OTHER_FUNCTION = "other"


def secret_of(tenant_id: str) -> str:
    return f"inlet/local/{tenant_id}/ep_1"


def an_input(tenant_id: str) -> models.CollectInput:
    """An activity's input with one reference to a credential."""
    reference = {
        "secretId": secret_of(tenant_id),
        "versionId": "v",
        "tenantId": tenant_id,
        "ownerId": "ep_1",
    }
    source = {
        "endpointId": "ep_1",
        "slug": "jira",
        "connector": "jira",
        "connectorVersion": "1.0.0",
        "config": {},
        "authType": "basic",
        "credential": reference,
    }
    return models.CollectInput.model_validate(
        {"tenantId": tenant_id, "collectionId": "col_1", "source": source}
    )


@pytest.fixture(scope="module")
def run_of_acme() -> Iterator[Callable[[str], Any]]:
    """AWS clients as a run of the first tenant has them."""
    with local_aws(AUTH="true"):
        iam = boto3.client("iam")
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
        }
        iam.create_role(RoleName="run", AssumeRolePolicyDocument=document(trust))
        may = {"Effect": "Allow", "Action": SERVICES, "Resource": "*"}
        iam.put_role_policy(RoleName="run", PolicyName="own", PolicyDocument=document(may))
        for tenant_id in TENANTS:
            boto3.client("s3").put_object(
                Bucket="staging", Key=f"stg/{tenant_id}/run_1/0", Body=b"rows"
            )
            boto3.client("s3").put_object(
                Bucket="lake", Key=f"lake/globex/{tenant_id}/issues/a.parquet", Body=b"rows"
            )
            boto3.client("secretsmanager").create_secret(
                Name=secret_of(tenant_id), SecretString="sealed"
            )
        for function in (SETTINGS.broker_function, OTHER_FUNCTION):
            make_function(function)
        yield clients(
            RunRole(boto3.client("sts"), SETTINGS).assume(an_input("acme"), "acme", "run_1")
        )


def make_function(name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return {}\n")
    boto3.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": packed.getvalue()},
    )


@pytest.fixture(scope="module")
def sweep(run_of_acme: Callable[[str], Any]) -> Callable[[str], Any]:
    """AWS clients as the sweep has them."""
    return clients(RunRole(boto3.client("sts"), SETTINGS).assume_for_sweep())


def clients(identity: dict[str, str]) -> Callable[[str], Any]:
    keys = {name.removeprefix("AWS_").lower(): value for name, value in identity.items()}
    made: Callable[[str], Any] = boto3.Session(
        **{f"aws_{name}": value for name, value in keys.items()}
    ).client
    return made


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def reaches(call: Callable[..., Any], **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as e:
        assert e.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
        return False
    return True


@pytest.mark.parametrize(("tenant_id", "may"), [("acme", True), ("globex", False)])
def test_a_run_reaches_its_own_tenants_objects_only_and_no_secret(
    run_of_acme: Callable[[str], Any], tenant_id: str, may: bool
) -> None:
    s3 = run_of_acme("s3")
    assert reaches(s3.get_object, Bucket="staging", Key=f"stg/{tenant_id}/run_1/0") is may
    assert (
        reaches(s3.put_object, Bucket="lake", Key=f"lake/{tenant_id}/t/a.parquet", Body=b"") is may
    )
    for bucket, part in (
        ("staging", "stg"),
        ("staging", "quarantine"),
        ("lake", "lake"),
        ("lake", "files"),
    ):
        assert reaches(s3.list_objects_v2, Bucket=bucket, Prefix=f"{part}/{tenant_id}/jira/") is may
    secrets = run_of_acme("secretsmanager")
    assert not reaches(secrets.get_secret_value, SecretId=secret_of(tenant_id))


def test_a_run_lists_no_bucket_whole(run_of_acme: Callable[[str], Any]) -> None:
    assert not reaches(run_of_acme("s3").list_objects_v2, Bucket="staging")


def test_a_run_reads_no_table_of_another_tenant_that_bears_its_own_tenants_name(
    run_of_acme: Callable[[str], Any],
) -> None:
    assert not reaches(
        run_of_acme("s3").get_object, Bucket="lake", Key="lake/globex/acme/issues/a.parquet"
    )


def test_a_run_whose_input_names_a_credential_asks_the_broker_and_no_other_function(
    run_of_acme: Callable[[str], Any], sweep: Callable[[str], Any]
) -> None:
    asked = {"InvocationType": "DryRun"}
    broker = SETTINGS.broker_function
    assert reaches(run_of_acme("lambda").invoke, FunctionName=broker, **asked)
    assert not reaches(run_of_acme("lambda").invoke, FunctionName=OTHER_FUNCTION, **asked)
    assert not reaches(sweep("lambda").invoke, FunctionName=broker, **asked)


@pytest.mark.parametrize("tenant_id", TENANTS)
def test_the_sweep_reaches_what_is_staged_and_nothing_else(
    sweep: Callable[[str], Any], tenant_id: str
) -> None:
    s3 = sweep("s3")
    assert reaches(s3.list_objects_v2, Bucket="staging", Prefix="stg/")
    assert reaches(s3.delete_object, Bucket="staging", Key=f"stg/{tenant_id}/run_swept/0")
    assert not reaches(s3.put_object, Bucket="staging", Key=f"stg/{tenant_id}/run_1/0", Body=b"")
    assert not reaches(s3.delete_object, Bucket="staging", Key=f"quarantine/{tenant_id}/jira/0")
    assert not reaches(
        s3.get_object, Bucket="lake", Key=f"lake/globex/{tenant_id}/issues/a.parquet"
    )
    assert not reaches(sweep("secretsmanager").get_secret_value, SecretId=secret_of(tenant_id))


@pytest.mark.parametrize("tenant_id", TENANTS)
def test_a_run_passes_rows_to_jobs_of_its_own_tenant_only(
    run_of_acme: Callable[[str], Any], tenant_id: str
) -> None:
    settings = settings_with(INLET_RUN_ROLE=ROLE, INLET_SPARK=json.dumps(SPARK))
    run = clients(RunRole(boto3.client("sts"), settings).assume(a_task("acme"), "acme", "run_1"))
    place = {"Bucket": "staging", "Key": f"rows/{tenant_id}/call/in"}
    assert reaches(run("s3").put_object, **place, Body=b"rows") is (tenant_id == "acme")
    assert not reaches(run_of_acme("s3").put_object, **place, Body=b"rows")


@pytest.mark.parametrize(
    ("key", "may"),
    [("rows/acme/call/out", True), ("rows/acme/other/out", False), ("rows/globex/call/out", False)],
)
def test_a_job_reaches_the_rows_of_its_call_only_whatever_its_role_may(
    run_of_acme: Callable[[str], Any], key: str, may: bool
) -> None:
    place = EmrPlace("00acme", ROLE, "s3://code/job.py", "s3://staging/rows/acme")
    answer = boto3.client("sts").assume_role(
        RoleArn=ROLE,
        RoleSessionName="job",
        Policy=job_policy(place, "s3://staging/rows/acme/call"),
    )["Credentials"]
    keys = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    job = clients({name: answer[key] for name, key in zip(names, keys, strict=True)})
    assert reaches(job("s3").put_object, Bucket="staging", Key=key, Body=b"rows") is may


def test_every_reference_of_an_input_is_found() -> None:
    assert [ref.secret_id for ref in references(an_input("acme"), models.CredentialRef)] == [
        secret_of("acme")
    ]


def test_a_run_reaches_items_of_its_tenant_only() -> None:
    assert '"dynamodb:LeadingKeys":["T#acme#*"]' in policy_of("acme")


def policy_of(tenant_id: str) -> str:
    settings = settings_with(
        INLET_RUN_ROLE=ROLE, INLET_STAGING_BUCKET="s" * 63, INLET_LAKE_BUCKET="l" * 63
    )
    return session_policy(tenant_id, settings, asks_broker=True)


def test_a_run_without_credentials_asks_nobody_and_none_opens_any() -> None:
    assert "lambda" not in session_policy("acme", SETTINGS)
    for policy in (session_policy("acme", SETTINGS), policy_of("acme")):
        assert "secretsmanager" not in policy and "EncryptionContext" not in policy


def test_an_id_that_leaves_no_room_in_the_policy_is_refused_by_name() -> None:
    assert len(policy_of("0123abcd-0123-4567-89ab-0123456789ab")) <= POLICY_CHARACTERS
    with pytest.raises(FatalError, match="Shorten it"):
        policy_of("t" * 128)


class TooLarge:
    """An STS whose packed form of the policy has no room, which only STS can tell."""

    def assume_role(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "PackedPolicyTooLarge", "Message": ""}}, "AssumeRole")


def test_a_policy_that_is_too_large_once_packed_is_not_tried_again() -> None:
    with pytest.raises(FatalError, match="Shorten it"):
        RunRole(TooLarge(), SETTINGS).assume(an_input("acme"), "acme", "run_1")


@given(one=IDS, other=IDS, slug=st.from_regex(r"[a-z][a-z0-9_]{0,62}", fullmatch=True))
def test_no_tenants_database_begins_as_anothers(one: str, other: str, slug: str) -> None:
    beginning = tenant_databases(one, SETTINGS)
    assert one == other or not f"{tenant_databases(other, SETTINGS)}{slug}".startswith(beginning)
