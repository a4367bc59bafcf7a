"""Whose Spark jobs a run may start, where Spark is in EMR Serverless: its own tenant's, by that
tenant's role, over rows below that tenant's folder. Whoever starts a job chooses its code, and so
reaches what the job's role reaches: no two tenants have one (`infra/spark-jobs.ts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class JobAccess:
    """What a session policy says for jobs: more objects and more that is listed, and statements of
    their own. Joined to what it says for every run, since STS takes few characters.
    """

    objects: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    statements: tuple[dict[str, Any], ...] = ()


def job_access(given: Any, tenant_id: str, settings: RunSettings) -> JobAccess:
    """What a run with a Spark transform needs of the run role; nothing for any other."""
    place = settings.spark
    if place.get("kind") != EMR or not _wants_spark(given) or tenant_id not in place["tenants"]:
        return JobAccess()

    own = place["tenants"][tenant_id]
    role = own["executionRoleArn"]
    partition = role.split(":")[1]
    # With its jobs: ids of applications are of one length, so none begins with another.
    application = f"arn:{partition}:emr-serverless:*:*:/applications/{own['applicationId']}*"
    below = f"{_folder(place, tenant_id)}/*"
    jobs = {"Action": ["emr-serverless:*", "iam:PassRole"], "Resource": [application, role]}
    return JobAccess((f"arn:{partition}:s3:::{place['bucket']}/{below}",), (below,), (jobs,))


def _folder(place: Mapping[str, Any], tenant_id: str) -> str:
    return f"{place['prefix']}/{tenant_id}"


def _wants_spark(given: Any) -> bool:
    plan = getattr(given, "plan", None)
    transform = plan.policy.get("transform") if plan is not None else None
    return isinstance(transform, dict) and transform.get("tool") == "spark"
