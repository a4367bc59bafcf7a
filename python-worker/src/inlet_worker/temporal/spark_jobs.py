"""Whose Spark jobs a run may start, where Spark is in EMR Serverless: its own tenant's, by that
tenant's role, over rows below that tenant's folder. Whoever starts a job chooses its code, and so
reaches what the job's role reaches: no two tenants have one (`infra/spark-jobs.ts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_worker.config import RunSettings

EMR = "emr-serverless"


def spark_of(settings: RunSettings, tenant_id: str) -> Mapping[str, Any]:
    """Where Spark is for a tenant, in the form of `tools/spark/places.py`. Raises FatalError
    `CONFIG_INVALID` where the environment has none for it.
    """
    place = settings.spark
    if place.get("kind") != EMR:
        return place

    own = place["tenants"].get(tenant_id)
    if own is None:
        raise FatalError(
            "CONFIG_INVALID",
            "The environment has no Spark for this tenant. Choose another tool, or let whoever "
            "runs Inlet name an application and a role for it.",
            details={"field": "policy.transform.tool"},
        )
    rest = {name: value for name, value in place.items() if name != "tenants"}
    return {**rest, **own, "prefix": _folder(place, tenant_id)}


def job_statements(given: Any, tenant_id: str, settings: RunSettings) -> list[dict[str, Any]]:
    """What a run with a Spark transform needs of the run role, for its session policy."""
    place = settings.spark
    if place.get("kind") != EMR or not _wants_spark(given) or tenant_id not in place["tenants"]:
        return []

    own = place["tenants"][tenant_id]
    role = own["executionRoleArn"]
    partition = role.split(":")[1]
    application = f"arn:{partition}:emr-serverless:*:*:/applications/{own['applicationId']}"
    folder = _folder(place, tenant_id)
    listing = {"StringLike": {"s3:prefix": [f"{folder}/*"]}}
    return [
        {"Action": "emr-serverless:*", "Resource": [application, f"{application}/jobruns/*"]},
        {"Action": "iam:PassRole", "Resource": role},
        {"Action": "s3:*", "Resource": f"arn:{partition}:s3:::{place['bucket']}/{folder}/*"},
        {"Action": "s3:ListBucket", "Resource": "*", "Condition": listing},
    ]


def _folder(place: Mapping[str, Any], tenant_id: str) -> str:
    return f"{place['prefix']}/{tenant_id}"


def _wants_spark(given: Any) -> bool:
    plan = getattr(given, "plan", None)
    transform = plan.policy.get("transform") if plan is not None else None
    return isinstance(transform, dict) and transform.get("tool") == "spark"
