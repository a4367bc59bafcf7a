"""The activities of one worker on a site, an AWS and a lake of this machine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from pyiceberg.catalog import Catalog, load_catalog
from temporalio import activity
from temporalio.testing import ActivityEnvironment

from inlet_worker.config import Settings
from inlet_worker.contracts import models
from inlet_worker.temporal.activities import TASKS, Activities
from inlet_worker.temporal.child_process import ChildProcess, ChildProcesses
from inlet_worker.temporal.run_role import RunRole
from sandbox_server import SandboxServer

from .broker_server import BrokerServer
from .local_aws import put_run
from .plans import a_plan, a_source, store_credential


class WatchedChildren(ChildProcesses):
    """Remembers whom it started."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.started: list[ChildProcess] = []

    async def start(
        self,
        task: str,
        given: bytes,
        deadline: datetime,
        fields: Mapping[str, str],
        identity: Mapping[str, str] | None = None,
    ) -> ChildProcess:
        child = await super().start(task, given, deadline, fields, identity)
        self.started.append(child)
        return child

    async def next(self, count: int = 1) -> ChildProcess:
        """The `count`th child, once there is one."""
        while len(self.started) < count:
            await asyncio.sleep(0.01)
        return self.started[count - 1]


class Stage:
    """The activities of one worker, and what the plans of a tenant's runs have in common.
    `catalog`: the fields of the site's datasets by name, or nothing before it was collected.
    """

    def __init__(
        self,
        settings: Settings,
        site: SandboxServer,
        broker: BrokerServer,
        catalog: dict[str, list[dict[str, Any]]],
    ) -> None:
        self.children = WatchedChildren(settings)
        self.role = RunRole(boto3.client("sts"), settings)
        self.activities = Activities(self.children, self.role)
        self.source = a_source(site, store_credential(site, broker))
        self.catalog = catalog

    def on(self, task: str, stall_seconds: float = 120.0) -> Activities:
        """Activities whose runs do something else, named as `module:function`."""
        return Activities(self.children, self.role, dict.fromkeys(TASKS, task), stall_seconds)

    async def call(self, name: str, given: Any, activities: Activities | None = None) -> Any:
        code = getattr(activities or self.activities, name)
        environment = ActivityEnvironment()
        named = activity._Definition.must_from_callable(code).name
        environment.info = replace(
            environment.info, activity_type=named, start_to_close_timeout=timedelta(minutes=12)
        )
        return await environment.run(code, given)

    async def collect(self, collection_id: str = "col_1") -> models.CollectResult:
        given = {"tenantId": "acme", "collectionId": collection_id, "source": self.source}
        result: models.CollectResult = await self.call(
            "collect_metadata", models.CollectInput.model_validate(given)
        )
        found = models.CollectedCatalog.model_validate_json(staged_object(result.key))
        self.catalog.update(
            (d.name, [f.model_dump(by_alias=True) for f in d.fields]) for d in found.datasets
        )
        return result

    async def plan(
        self, run_id: str, unit_id: str = "jira.issues", **changes: Any
    ) -> models.RunPlan:
        if not self.catalog:
            await self.collect()
        put_run("acme", run_id, epoch=changes.get("epoch", 1))
        source = changes.pop("source", self.source)
        return a_plan(source, self.catalog[unit_id], runId=run_id, unitId=unit_id, **changes)

    async def run(
        self,
        plan: models.RunPlan,
        activities: Activities | None = None,
        before: models.RunUnitResult | None = None,
    ) -> models.RunUnitResult:
        """One activity of a run: the first, or the one after `before`, as the workflow calls it."""
        slice_, continuation = (before.slice + 1, before.continuation) if before else (0, None)
        given = models.RunUnitInput(plan=plan, slice=slice_, continuation=continuation)
        result: models.RunUnitResult = await self.call("run_unit", given, activities)
        return result

    async def probe(self, **given: Any) -> models.RunProbeResult:
        nothing = {"source": None, "sink": None, "dataset": None, "limit": None}
        question = {"tenantId": "acme", "probeId": "probe_1", **nothing, **given}
        result: models.RunProbeResult = await self.call(
            "run_probe", models.RunProbeInput.model_validate(question)
        )
        return result


def lake_of(folder: Path, tenant: str) -> Catalog:
    place = {"s3.endpoint": os.environ["AWS_ENDPOINT_URL"], "s3.region": "us-east-1"}
    return load_catalog("lake", type="sql", uri=f"sqlite:///{folder}/{tenant}.db", **place)


def landed(folder: Path, table: str, tenant: str = "acme") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        lake_of(folder, tenant).load_table(table).scan().to_arrow().to_pylist()
    )
    return rows


def staged_object(key: str) -> bytes:
    body: bytes = boto3.client("s3").get_object(Bucket="staging", Key=key)["Body"].read()
    return body
