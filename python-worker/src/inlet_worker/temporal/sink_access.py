"""How a run reaches a sink that the tenant owns (docs/adr/0017): by the role that its credential
names, with the external id that is ours and the tenant's, narrowed to the sink's place; with the
keys of an S3 that is not AWS's; or, outside AWS, with the credential itself.
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from inlet_sdk.errors import FatalError, RetryableError
from inlet_sdk.http.auth import Credential
from inlet_worker.contracts.models import SinkRef
from inlet_worker.sinks.aws_keys import AwsKeys
from inlet_worker.sinks.registry import sink_type
from inlet_worker.sinks.sink_type import AWS_ROLE, SinkAccess
from inlet_worker.temporal.lake import sink_guard
from inlet_worker.temporal.work import Work

ROLE, KEYS = AWS_ROLE, "aws_keys"
SESSION_SECONDS = 3600
"""What a chained session may last."""
ROLE_ARN = "credentials.secret.roleArn"


def external_id(tenant_id: str, environment: str) -> str:
    """What a tenant's role asks of whoever assumes it. Made of the verified tenant, never of what
    somebody sent; the same as `core/sink-trust.ts`, which shows it.
    """
    return f"inlet/{environment}/{tenant_id}"


def sink_access(reference: SinkRef, tenant_id: str, work: Work) -> SinkAccess:
    """To the sink's own place; without keys and credential for the environment's lake, and for a
    sink that has no credentials. Raises FatalError `CONFIG_INVALID` naming what to mend.
    """
    guard = sink_guard(tenant_id, work.settings)
    if not reference.config or reference.credential is None:
        return SinkAccess(guard)

    stored = reference.credential
    if (stored.tenant_id, stored.owner_id) != (tenant_id, reference.sink_id):
        raise FatalError(
            "AUTH_ERROR", "The credential belongs to another sink. Store one of this sink's own."
        )

    credential = work.credentials.of(stored).read()
    if not sink_type(reference.type).is_in_aws:
        return SinkAccess(guard, credential=credential)
    if "endpointUrl" in reference.config:
        return SinkAccess(guard, keys=_keys(credential))
    return SinkAccess(guard, keys=_assumed(credential, reference, tenant_id, work))


def _keys(credential: Credential) -> AwsKeys:
    if credential.type != KEYS:
        raise _refused(
            "credentials.authType",
            "must be aws_keys: an S3 at an endpointUrl knows no roles of AWS's",
        )
    return AwsKeys(credential.values["accessKeyId"], credential.values["secretAccessKey"])


def _assumed(credential: Credential, reference: SinkRef, tenant_id: str, work: Work) -> AwsKeys:
    if credential.type != ROLE:
        raise _refused(
            "credentials.authType", "must be aws_role: AWS's own S3 and Glue are reached by a role"
        )
    role_arn = credential.values["roleArn"]
    if role_arn != reference.role_arn:
        raise _refused(
            ROLE_ARN, "is not the role that this run was planned with. Store the credentials again"
        )

    ours = external_id(tenant_id, work.settings.environment)
    try:
        answer = work.aws.sts.assume_role(
            RoleArn=role_arn,
            RoleSessionName=f"inlet-{reference.sink_id}"[:64],
            ExternalId=ours,
            Policy=place_policy(reference),
            DurationSeconds=SESSION_SECONDS,
        )
    except (ClientError, BotoCoreError) as e:
        raise _unassumed(e, ours) from None

    keys = answer["Credentials"]
    return AwsKeys(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def place_policy(reference: SinkRef) -> str:
    """What of the tenant's role is left to the run: the sink's place, and what its type needs."""
    kind = sink_type(reference.type)
    (place,) = (str(reference.config[key]) for key in kind.descriptor.place_keys)
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    s3 = f"arn:{(reference.role_arn or 'arn:aws').split(':')[1]}:s3:::{bucket}"
    below = f"{prefix}/*" if prefix else "*"
    listing = {"Condition": {"StringLike": {"s3:prefix": [below]}}} if prefix else {}

    statements: list[dict[str, Any]] = [
        {"Action": "s3:*", "Resource": f"{s3}/{below}"},
        {"Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": s3, **listing},
        {
            "Action": "kms:*",
            "Resource": "*",
            "Condition": {"StringLike": {"kms:ViaService": ["s3.*"]}},
        },
    ]

    for action in kind.aws_actions(reference.config):
        statements.append({"Action": action, "Resource": "*"})
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed}, separators=(",", ":"))


def _unassumed(error: ClientError | BotoCoreError, ours: str) -> Exception:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else None
    if code not in ("AccessDenied", "ValidationError", "RegionDisabledException"):
        return RetryableError("SINK_UNAVAILABLE", "STS does not answer. Try again later.")
    remedy = (
        f"let it trust the sink's trust.principal on the condition that sts:ExternalId is {ours}"
    )
    return _refused(ROLE_ARN, f"is a role that AWS does not let us assume: {remedy}")


def _refused(field: str, why: str) -> FatalError:
    return FatalError("CONFIG_INVALID", f"{field} {why}.", details={"field": field})
