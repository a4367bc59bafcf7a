"""Deletes what killed runs left in the staging bucket: the prefix of every run that nobody knows,
or that has ended and whose time for a replay is over.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from inlet_worker.contracts import names
from inlet_worker.staging.registry import DEFAULT_PROVIDER
from inlet_worker.temporal.endpoints import open_staging
from inlet_worker.temporal.work import Work

ACTIVE = frozenset({"QUEUED", "RUNNING", "WAITING"})


class Swept(BaseModel):
    runs: int


def sweep_staging(given: Any, work: Work) -> Swept:
    """What a killed run left. A run whose policy retains its staging keeps it for a replay."""
    provider = open_staging(DEFAULT_PROVIDER, work)
    return Swept(runs=provider.sweep(lambda tenant_id, run_id: _is_kept(work, tenant_id, run_id)))


def _is_kept(work: Work, tenant_id: str, run_id: str) -> bool:
    key = {
        "pk": {"S": names.CONTROL_KEY_RUN_PK.format(tenantId=tenant_id, runId=run_id)},
        "sk": {"S": names.CONTROL_KEY_RUN_SK},
    }
    found = work.aws.dynamodb.get_item(
        TableName=work.settings.control_table, Key=key, ConsistentRead=True
    )

    run = found.get("Item", {})
    if run.get("status", {}).get("S") in ACTIVE:
        return True

    days, finished = run.get("retainStagingDays", {}).get("N"), run.get("finishedAt", {}).get("S")
    if not days or not finished:
        return False
    return datetime.now(UTC) < datetime.fromisoformat(finished) + timedelta(days=int(days))
