"""Deletes what killed runs left in the staging bucket: the prefix of every run that nobody knows,
or that has ended and whose time for a replay is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
from pydantic import BaseModel

from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_worker.contracts import names
from inlet_worker.staging.registry import open_staging, open_store
from inlet_worker.temporal.endpoints import staging_config
from inlet_worker.temporal.work import Work

ACTIVE = frozenset({"QUEUED", "RUNNING", "WAITING"})


class Swept(BaseModel):
    runs: int


def sweep_staging(given: Any, work: Work) -> Swept:
    """Asks about each run right before deleting, so that a run that starts meanwhile keeps its
    rows, and one whose policy retains its staging keeps them for a replay.
    """
    config = staging_config(work.settings.staging_bucket)
    provider = open_staging("object_store", config)
    swept = 0
    for tenant_id, run_id in _staged_runs(open_store(config)):
        if not _is_kept(work, tenant_id, run_id):
            provider.allocate_session(_owner(tenant_id, run_id)).close()
            swept += 1
    return Swept(runs=swept)


def _staged_runs(store: Any) -> Iterator[tuple[str, str]]:
    for tenant in obstore.list_with_delimiter(store, names.PREFIX_STAGING)["common_prefixes"]:
        for run in obstore.list_with_delimiter(store, tenant.rstrip("/"))["common_prefixes"]:
            yield tenant.rstrip("/").rsplit("/", 1)[-1], run.rstrip("/").rsplit("/", 1)[-1]


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


def _owner(tenant_id: str, run_id: str) -> IngestionContext:
    return IngestionContext(
        tenant_id=tenant_id,
        run_id=run_id,
        endpoint_id="",
        endpoint_slug="",
        unit_id="",
        dataset="",
        mode="FULL",
        epoch=0,
    )
