"""A landed copy of a fake Jira: the whole data plane, run by run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyiceberg.catalog import load_catalog

from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_worker.ingest import SLUG, TENANT, LakeFolder, _slices
from inlet_worker.pipeline.commit_step import CommitStep
from inlet_worker.pipeline.import_from_staging import keyed_fields, sink_target
from inlet_worker.pipeline.pending_slice import PendingSlice
from inlet_worker.pipeline.redrive_quarantine import QuarantineRedrive
from inlet_worker.pipeline.schema_drift import staged_fields
from inlet_worker.sinks.registry import sink_type
from inlet_worker.sinks.sink_type import SinkAccess
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from inlet_worker.staging.quarantine_shelf import QuarantineShelf, Selection
from inlet_worker.staging.registry import open_staging, open_store


@dataclass
class LandedCopy:
    """Each run takes the catalogue that was collected last."""

    jira: JiraEndpoint
    folder: LakeFolder
    _discards: int = 0

    @classmethod
    def of(cls, jira: JiraEndpoint, place: Path) -> LandedCopy:
        return cls(jira, LakeFolder(place))

    def run(
        self, unit_id: str, *, full: bool = False, only: set[str] | None = None, **policy: Any
    ) -> list[IngestionUnitResult]:
        """With `only` the catalogue knows no other columns."""
        unit = self.jira.units.named(unit_id).descriptor
        unit = replace(unit, default_policy={**unit.default_policy, **policy})
        datasets, _ = self.jira.collect_units()
        (fields,) = [one.fields for one in datasets if one.name == unit.dataset]
        known = tuple(field for field in fields if only is None or field.name in only)
        mode = "FULL" if full else unit.default_mode
        return list(_slices(self.jira, unit, known, self.folder, mode))

    def discard(self, unit_id: str) -> IngestionUnitResult:
        """Everything that is set aside."""
        self._discards += 1
        unit = self.jira.units.named(unit_id).descriptor
        policy = Policy.parse(unit.default_policy)
        datasets, _ = self.jira.collect_units()
        (fields,) = [one.fields for one in datasets if one.name == unit.dataset]
        epoch = int(datetime.now(UTC).timestamp() * 1000)
        context = IngestionContext(
            TENANT,
            f"discard_{self._discards}",
            SLUG,
            SLUG,
            unit_id,
            unit.dataset,
            "INCREMENTAL",
            epoch,
        )
        access = SinkAccess(EgressGuard())
        sink = sink_type("warehouse.iceberg").open(self.folder.sink_config, access)
        pending: list[PendingSlice] = []
        target = sink_target(context, unit_id, keyed_fields(fields, policy))
        step = CommitStep(sink, target, policy, context, lambda: None, pending.append)
        config = {"folder": str(self.folder.root / "staging")}
        session = open_staging("object_store", config).allocate_session(
            context, staged_fields(sink, target, policy)
        )
        shelf = QuarantineShelf(open_store(config), context)
        before = Checkpoint.parse(self.folder.checkpoint(unit_id) or {})
        redrive = QuarantineRedrive(
            step, self.jira, session, shelf, Selection(), before, discard=True
        )

        result = redrive.run()
        if result.new_checkpoint:
            self.folder.save_checkpoint(unit_id, result.new_checkpoint)
        return result

    def rows(self, unit_id: str) -> dict[str, dict[str, Any]]:
        config = self.folder.sink_config
        lake = load_catalog(
            "lake", type="sql", uri=config["uri"], warehouse=config["warehouse"]
        ).load_table(unit_id)
        return {row["id"]: row for row in lake.scan().to_arrow().to_pylist()}
