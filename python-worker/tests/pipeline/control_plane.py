"""What the workflow does around the pipeline: keeps checkpoint and pending slice, and calls again
until done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from obstore.store import MemoryStore

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.execution_tool import BoundProgram
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import TransformPolicy
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_worker.pipeline.endpoint_registry import ResolvedEndpoints, no_tools
from inlet_worker.pipeline.kept_members import MEMBERS
from inlet_worker.pipeline.pending_slice import PendingSlice
from inlet_worker.pipeline.run_ingestion_unit import run_ingestion_unit
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.staging.object_store import ObjectStoreStaging

from .listed_source import FIELDS, UNIT

POLICY = {"primaryKeys": ["id"], "cursorField": "updated"}


@dataclass
class ControlPlane:
    source: Any
    place: Path
    on_step: Callable[[str], None] = lambda _: None
    policy: dict[str, Any] = field(default_factory=lambda: dict(POLICY))
    checkpoint: dict[str, Any] | None = None
    pending: PendingSlice | None = None
    staging: ObjectStoreStaging = field(default_factory=lambda: ObjectStoreStaging(MemoryStore()))
    epoch: int = 0
    fields: tuple[FieldDescriptor, ...] = FIELDS
    unit: str = UNIT
    transforms: Callable[[TransformPolicy], BoundProgram] = no_tools

    def sink(self) -> Any:
        config = {
            "catalog": "sql",
            "uri": f"sqlite:///{self.place}/c.db",
            "warehouse": f"file://{self.place}/lake",
        }
        return IcebergSink(config, on_step=self.on_step)

    def context(self, run_id: str, mode: Any, **changes: Any) -> IngestionContext:
        base = IngestionContext("t1", run_id, "e1", "list", self.unit, self.unit, mode, self.epoch)
        return replace(base, **changes)

    def call(
        self,
        context: IngestionContext,
        sink: str | None = "lake",
        checkpoint: dict[str, Any] | None = None,
    ) -> IngestionUnitResult:
        """One activity."""
        registry = ResolvedEndpoints(
            {"e1": self.source},
            {"lake": self.sink()},
            {"object_store": self.staging},
            {self.unit: self.fields},
            self.transforms,
        )
        return run_ingestion_unit(
            "e1",
            sink,
            self.unit,
            checkpoint,
            self.policy,
            "object_store",
            context=context,
            registry=registry,
            load_pending=lambda: self.pending,
            save_pending=self.save,
            on_step=self.on_step,
        )

    def save(self, pending: PendingSlice) -> None:
        self.pending = pending

    def run(self, run_id: str, mode: Any, **changes: Any) -> list[IngestionUnitResult]:
        """A whole run; each activity is retried after a crash."""
        self.epoch += 1
        planned = (
            self.checkpoint
        )  # of the plan: all slices of a run are read from the checkpoint that it began with
        results: list[IngestionUnitResult] = []
        resume = None
        while not results or not results[-1].done:
            context = self.context(run_id, mode, slice=len(results), continuation=resume, **changes)
            results.append(self.retried(context, planned))
            resume = results[-1].resume
            if results[-1].outcome == "COMMITTED" and results[-1].new_checkpoint is not None:
                self.checkpoint = results[-1].new_checkpoint
        return results

    def retried(
        self, context: IngestionContext, checkpoint: dict[str, Any] | None
    ) -> IngestionUnitResult:
        """One activity, tried again after each crash."""
        while True:
            try:
                return self.call(context, checkpoint=checkpoint)
            except Crash:
                continue

    def rows(self) -> dict[str, tuple[int, str]]:
        table = self.sink()._catalog.load_table(("list", "things")).scan().to_arrow().to_pylist()
        rows = {
            row["id"]: (round(row["updated"].timestamp() * 1000), row["title"]) for row in table
        }
        assert len(rows) == len(table)
        return rows


def reached(checkpoint: dict[str, Any] | None) -> dict[str, Any] | None:
    """A checkpoint without what the pipeline keeps in it."""
    if checkpoint is None:
        return None
    own = {name: part for name, part in checkpoint["cursor"].items() if name not in MEMBERS}
    return {**checkpoint, "cursor": own}


class Crash(Exception):
    """Stands for SIGKILL."""
