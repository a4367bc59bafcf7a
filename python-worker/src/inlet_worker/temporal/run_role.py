"""The role that one activity works under (decision 14): the run role, narrowed by a session
policy to its tenant's staging, lake and items, and to asking the credential broker where its input
names credentials. The worker assumes it for the child.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel

from inlet_sdk.errors import FatalError, RetryableError
from inlet_worker.config import Settings
from inlet_worker.contracts import names
from inlet_worker.contracts.models import CredentialRef, SinkRef
from inlet_worker.sinks.registry import SINKS
from inlet_worker.temporal.lake import tenant_databases
from inlet_worker.temporal.spark_jobs import JobAccess, job_access
from inlet_worker.temporal.written_through import place_of

SESSION_SECONDS = 1800
"""Longer than any activity, with what it takes to end (decision 7); a chained session may
last an hour.
"""
POLICY_CHARACTERS = 2048
"""What STS takes of a session policy as text (API reference of AssumeRole, `Policy`)."""
STAGED = (names.PREFIX_STAGING, names.PREFIX_QUARANTINE)
OF_RUNS = (*STAGED, names.PREFIX_ARTIFACTS)
OF_COLLECTIONS = (*STAGED, names.PREFIX_CATALOG, names.PREFIX_PREVIEW)
"""What is written by activities that have a sink, and by those that have none: a policy for all of
it would leave no room for the id of a tenant.
"""
LANDED = tuple(one.in_lake.folder for one in SINKS.values() if one.in_lake)
"""First parts of the keys that runs write; the tenant is the second."""
NO_JOBS = JobAccess()
Reference = TypeVar("Reference", CredentialRef, SinkRef)
LISTED = (names.PREFIX_STAGING, names.PREFIX_QUARANTINE, *LANDED)
"""Where runs list, or ask for what may be missing: that S3 answers 404 only where it may be listed,
else 403.
"""


class RunRole:
    """`sts` is a boto3 client of the worker's own identity."""

    def __init__(self, sts: Any, settings: Settings) -> None:
        self._sts = sts
        self._settings = settings

    def assume(self, given: BaseModel, tenant_id: str, session: str) -> dict[str, str]:
        """Credentials of the narrowed role as environment variables. `session` names it in AWS's
        own trail. Raises RetryableError when STS does not answer, FatalError when it refuses the
        role.
        """
        policy = session_policy(
            tenant_id,
            self._settings,
            [place_of(sink) for sink in references(given, SinkRef)],
            job_access(given, tenant_id, self._settings),
            asks_broker=any(references(given, CredentialRef)),
        )
        return self._session(policy, session)

    def assume_for_sweep(self) -> dict[str, str]:
        """The same for the sweep of the staging bucket, which is no tenant's."""
        return self._session(sweep_policy(self._settings), "sweep")

    def _session(self, policy: str, session: str) -> dict[str, str]:
        try:
            answer = self._sts.assume_role(
                RoleArn=self._settings.run_role,
                RoleSessionName=re.sub(r"[^\w+=,.@-]", "-", session)[:64],
                Policy=policy,
                DurationSeconds=SESSION_SECONDS,
            )
        except (ClientError, BotoCoreError) as e:
            raise _unassumed(e) from None

        keys = answer["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }


def session_policy(
    tenant_id: str,
    settings: Settings,
    sinks: Sequence[SinkRef] = (),
    jobs: JobAccess = NO_JOBS,
    *,
    asks_broker: bool = False,
) -> str:
    """What of the run role's permissions is left: STS grants the intersection, so actions need no
    list here. Where the sink is the tenant's own, that is the one role that its credential names,
    and nothing of our lake. `jobs`: what it may do for jobs of Spark. Raises FatalError
    `CONFIG_INVALID` for a tenant whose id leaves no room.
    """
    arn = f"arn:{settings.run_role.split(':')[1]}"
    s3, glue = f"{arn}:s3:::", f"{arn}:glue:*:*"
    ours = not any(sink.config for sink in sinks)
    staged = OF_RUNS if sinks else OF_COLLECTIONS
    buckets = {settings.staging_bucket: staged, **({settings.lake_bucket: LANDED} if ours else {})}
    listed = LISTED if ours else (names.PREFIX_STAGING, names.PREFIX_QUARANTINE)
    statements: list[dict[str, Any]] = [
        # Never `*/<tenant>/*`: a star spans slashes, and another tenant's table may bear this
        # tenant's name.
        {
            "Action": "s3:*",
            "Resource": [
                *(f"{s3}{b}/{part}/{tenant_id}/*" for b, own in buckets.items() for part in own),
                *jobs.objects,
            ],
        },
        _where(
            "StringLike",
            "s3:prefix",
            [*(f"{part}/{tenant_id}/*" for part in listed), *jobs.listed],
            "s3:ListBucket",
        ),
        _where(
            "ForAllValues:StringLike", "dynamodb:LeadingKeys", [f"T#{tenant_id}#*"], "dynamodb:*"
        ),
        # The buckets' own encryption, on behalf of whoever may touch the object.
        _where("StringLike", "kms:ViaService", ["s3.*"], "kms:*"),
    ]

    if ours:
        database = tenant_databases(tenant_id, settings)
        statements.append(
            {"Action": "glue:*", "Resource": [f"{glue}:catalog", f"{glue}:*/{database}*"]}
        )
    for role_arn in sorted({sink.role_arn for sink in sinks if sink.role_arn}):
        _refuse_ours(role_arn, settings)
        statements.append({"Action": "sts:AssumeRole", "Resource": role_arn})
    if asks_broker:
        broker = f"{arn}:lambda:*:*:function:{settings.broker_function}"
        statements.append({"Action": "lambda:InvokeFunction", "Resource": broker})

    allowed = [{"Effect": "Allow", **statement} for statement in (*statements, *jobs.statements)]
    text = json.dumps({"Version": "2012-10-17", "Statement": allowed}, separators=(",", ":"))
    if len(text) > POLICY_CHARACTERS:
        raise FatalError(
            "CONFIG_INVALID",
            f"Tenant {tenant_id} has too long an id for a role of its own. Shorten it.",
        )
    return text


def sweep_policy(settings: Settings) -> str:
    """All tenants' staging, to list and to delete, and the runs that it belongs to, to read."""
    bucket = f"arn:{settings.run_role.split(':')[1]}:s3:::{settings.staging_bucket}"
    statements = [
        {
            "Action": ["s3:GetObject", "s3:DeleteObject"],
            "Resource": f"{bucket}/{names.PREFIX_STAGING}/*",
        },
        _where(
            "StringLike",
            "s3:prefix",
            [names.PREFIX_STAGING, f"{names.PREFIX_STAGING}/*"],
            "s3:ListBucket",
        ),
        {"Action": "dynamodb:GetItem", "Resource": "*"},
    ]

    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed}, separators=(",", ":"))


def _refuse_ours(role_arn: str, settings: Settings) -> None:
    """Some roles of an account trust all of it: no role of our account is assumed for a tenant."""
    account = settings.run_role.split(":")[4]
    if role_arn.split(":")[4] == account and settings.environment != "local":
        field = "credentials.secret.roleArn"
        raise FatalError(
            "CONFIG_INVALID",
            f"{field} must be a role of an account of yours.",
            details={"field": field},
        )


def _where(operator: str, key: str, values: list[str], action: str) -> dict[str, Any]:
    return {"Action": action, "Resource": "*", "Condition": {operator: {key: values}}}


def references(given: Any, kind: type[Reference]) -> Iterator[Reference]:
    """Every reference of a kind in an activity's input, however deep."""
    if isinstance(given, kind):
        yield given
    elif isinstance(given, BaseModel):
        for name in type(given).model_fields:
            yield from references(getattr(given, name), kind)
    elif isinstance(given, list):
        for inner in given:
            yield from references(inner, kind)


def _unassumed(error: ClientError | BotoCoreError) -> Exception:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else None
    if code == "PackedPolicyTooLarge":
        return FatalError(
            "CONFIG_INVALID", "The tenant's id is too long for a role of its own. Shorten it."
        )
    if code in ("AccessDenied", "ValidationError"):
        return FatalError(
            "CONFIG_INVALID",
            "The worker may not assume the run role. Deploy the worker stack again.",
        )
    return RetryableError("INTERNAL", "STS does not answer. Try again later.")
