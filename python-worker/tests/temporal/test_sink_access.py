"""A tenant's own S3, in an AWS that evaluates policies: a run reaches it by the role that the
sink's credential names, with the external id of its tenant, at the sink's place, and no other role,
place or identity.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from inlet_sdk.errors import FatalError
from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_worker.contracts import models
from inlet_worker.sinks.aws_keys import AwsKeys
from inlet_worker.temporal.run_role import RunRole, session_policy
from inlet_worker.temporal.sink_access import external_id, place_policy, sink_access
from inlet_worker.temporal.work import Work

from .local_aws import ACCOUNT, local_aws
from .settings import settings_with

RUN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/run"
SETTINGS = settings_with(
    INLET_RUN_ROLE=RUN_ROLE, INLET_ENVIRONMENT="prod", INLET_ALLOW_PRIVATE_NETWORKS="false"
)
THEIRS = "111122223333"
THEIR_KEYS = {"aws_access_key_id": THEIRS, "aws_secret_access_key": "test"}
LOCATION = "s3://acme-lake/inlet"


def role_arn(name: str, account: str = THEIRS) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def a_sink(role: str, location: str = LOCATION) -> models.SinkRef:
    reference = {
        "secretId": "inlet/prod/acme/snk_1",
        "versionId": "v",
        "tenantId": "acme",
        "ownerId": "snk_1",
    }
    given = {
        "sinkId": "snk_1",
        "type": "files.parquet",
        "config": {"location": location},
        "credential": reference,
    }
    return models.SinkRef.model_validate({**given, "roleArn": role})


def a_probe(sink: models.SinkRef, tenant_id: str = "acme") -> models.RunProbeInput:
    nothing = {"source": None, "dataset": None, "limit": None}
    asked = {
        "tenantId": tenant_id,
        "probeId": "prb_1",
        "kind": "TEST_SINK",
        "sink": sink.model_dump(by_alias=True),
    }
    return models.RunProbeInput.model_validate({**nothing, **asked})


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(asked: str | None) -> str:
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": asked}}} if asked else {}
    us = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    return document({"Effect": "Allow", "Principal": us, "Action": "sts:AssumeRole", **condition})


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """Ours, and the account of a customer with two roles: one that trusts `acme`, one that trusts
    `globex`.
    """
    with local_aws(AUTH="true"):
        ours = boto3.client("iam")
        ours.create_role(RoleName="run", AssumeRolePolicyDocument=trusting(None))
        may = {"Effect": "Allow", "Action": ["s3:*", "sts:AssumeRole"], "Resource": "*"}
        ours.put_role_policy(RoleName="run", PolicyName="own", PolicyDocument=document(may))
        theirs = boto3.client("iam", **THEIR_KEYS)
        for name, asked in (
            ("acme", external_id("acme", "prod")),
            ("globex", external_id("globex", "prod")),
        ):
            theirs.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(asked))
            all_s3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
            theirs.put_role_policy(RoleName=name, PolicyName="s3", PolicyDocument=document(all_s3))
        their_s3 = boto3.client("s3", **THEIR_KEYS)
        their_s3.create_bucket(Bucket="acme-lake")
        for key in ("inlet/a", "other/a"):
            their_s3.put_object(Bucket="acme-lake", Key=key, Body=b"rows")
        yield


class Opened:
    """The run's credentials, of which one is asked for."""

    def __init__(self, credential: Credential) -> None:
        self._one = StaticCredential(credential)

    def of(self, _: models.CredentialRef) -> StaticCredential:
        return self._one


@pytest.fixture
def run(aws: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Keys of a sink as a run of its tenant gets them."""

    def keys_of(
        sink: models.SinkRef, named: str | None = None, tenant_id: str = "acme"
    ) -> AwsKeys | None:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (
                RunRole(boto3.client("sts"), SETTINGS)
                .assume(a_probe(sink), tenant_id, "run_1")
                .items()
            ):
                patch.setenv(name, value)
            patch.setattr(boto3, "DEFAULT_SESSION", None)  # it keeps who it was first
            credential = Credential("aws_role", {"roleArn": named or sink.role_arn or ""})
            work = Work(SETTINGS, deadline=None)  # type: ignore[arg-type]
            work.credentials = Opened(credential)  # type: ignore[assignment]
            return sink_access(sink, tenant_id, work).keys

    return keys_of


def reaches(keys: AwsKeys, call: str, **arguments: Any) -> bool:
    try:
        getattr(boto3.client("s3", **keys.boto), call)(**arguments)
    except ClientError as e:
        assert e.response["Error"]["Code"] in ("AccessDenied", "403")
        return False
    return True


def test_a_run_reaches_the_place_of_its_sink_by_the_role_that_the_credential_names(
    run: Any,
) -> None:
    keys = run(a_sink(role_arn("acme")))
    assert reaches(keys, "get_object", Bucket="acme-lake", Key="inlet/a")
    assert reaches(keys, "put_object", Bucket="acme-lake", Key="inlet/b", Body=b"")
    assert reaches(keys, "list_objects_v2", Bucket="acme-lake", Prefix="inlet/")


def test_the_role_is_narrowed_to_the_place_of_the_sink(run: Any) -> None:
    keys = run(a_sink(role_arn("acme")))
    assert not reaches(keys, "get_object", Bucket="acme-lake", Key="other/a")
    assert not reaches(keys, "put_object", Bucket="acme-lake", Key="other/b", Body=b"")
    assert not reaches(keys, "list_objects_v2", Bucket="acme-lake")


def test_a_role_that_trusts_another_tenant_lets_nobody_else_in(run: Any) -> None:
    with pytest.raises(FatalError, match="inlet/prod/acme") as raised:
        run(a_sink(role_arn("globex")))
    assert raised.value.details == {"field": "credentials.secret.roleArn"}


def test_the_runs_own_role_assumes_the_one_role_that_the_plan_names(aws: None) -> None:
    sts = boto3.client("sts")
    keys = RunRole(sts, SETTINGS).assume(a_probe(a_sink(role_arn("acme"))), "acme", "run_1")
    session = {name.removeprefix("AWS_").lower(): value for name, value in keys.items()}
    child = boto3.Session(**{f"aws_{name}": value for name, value in session.items()}).client("sts")
    ours = external_id("acme", "prod")
    child.assume_role(RoleArn=role_arn("acme"), RoleSessionName="run_1", ExternalId=ours)
    for other in (role_arn("globex"), RUN_ROLE):
        with pytest.raises(ClientError, match="AccessDenied"):
            child.assume_role(RoleArn=other, RoleSessionName="run_1", ExternalId=ours)


def test_a_credential_that_names_another_role_than_the_plan_is_refused(run: Any) -> None:
    with pytest.raises(FatalError, match="planned with"):
        run(a_sink(role_arn("acme")), named=role_arn("globex"))


def test_a_role_of_our_own_account_is_no_tenants(run: Any) -> None:
    with pytest.raises(FatalError, match="of yours"):
        run(a_sink(RUN_ROLE))


def test_a_credential_of_another_tenant_or_sink_is_refused(aws: None) -> None:
    work = Work(SETTINGS, deadline=None)  # type: ignore[arg-type]
    with pytest.raises(FatalError, match="another sink"):
        sink_access(a_sink(role_arn("acme")), "globex", work)


def statements(policy: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return found


def test_a_run_into_a_tenants_own_lake_may_assume_its_role_and_reach_nothing_of_ours() -> None:
    policy = session_policy("acme", SETTINGS, [a_sink(role_arn("acme"))])
    assert [s for s in statements(policy) if s["Action"] == "sts:AssumeRole"] == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role_arn("acme")}
    ]
    assert "s3:::lake" not in policy and "glue" not in policy


def test_a_run_into_our_lake_may_assume_nothing() -> None:
    ours = models.SinkRef.model_validate(
        {"sinkId": "snk_1", "type": "warehouse.iceberg", "config": {}, "credential": None}
    )
    policy = session_policy("acme", SETTINGS, [ours])
    assert "sts:" not in policy and "s3:::lake" in policy


def test_a_lake_needs_glue_beside_its_place() -> None:
    config = {"catalog": "glue", "warehouse": "s3://acme-lake/x", "region": "eu-central-1"}
    lake = a_sink(role_arn("acme")).model_copy(
        update={"type": "warehouse.iceberg", "config": config}
    )
    assert {str(s["Action"]) for s in statements(place_policy(lake))} >= {"glue:*"}
    assert "glue" not in place_policy(a_sink(role_arn("acme")))


def test_external_ids_are_one_a_tenant_and_environment() -> None:
    made = {external_id(tenant, env) for tenant in ("a", "b", "a/b") for env in ("dev", "prod")}
    assert len(made) == 6
