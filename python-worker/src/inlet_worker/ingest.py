"""A Jira site into a folder: the data plane by itself, for developers and for measuring. The lake
is an Iceberg one with its catalogue in a SQLite file; checkpoints are a JSON file beside it, moved
after each commit, as the control plane moves them.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from inlet_sdk.errors import IngestError
from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.http.budget.bucket_store import ProcessBucket
from inlet_sdk.http.budget.limits import effective_limits
from inlet_sdk.http.budget.spender import Spender
from inlet_sdk.http.budget.vendor_budget import VendorBudget
from inlet_sdk.ports.described_endpoint import EndpointUnitDescriptor, FieldDescriptor, Mode
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import planned_deletes
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_worker.pipeline.endpoint_registry import ResolvedEndpoints
from inlet_worker.pipeline.import_from_staging import sink_target
from inlet_worker.pipeline.pending_slice import PendingSlice
from inlet_worker.pipeline.run_ingestion_unit import run_ingestion_unit
from inlet_worker.sinks.registry import sink_class
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from inlet_worker.staging.registry import open_staging

SLUG = "jira"
TENANT = "local"


@dataclass
class UnitRun:
    """A line of the table."""

    unit_id: str
    status: str = "COMPLETE"
    seconds: float = 0.0
    figures: Counter[str] = field(default_factory=Counter)
    note: str = ""


def ingest(
    server: str,
    email: str,
    token: str,
    lake: str,
    *,
    units: Sequence[str] | None = None,
    full: bool = False,
    say: Callable[[str], None] = print,
) -> int:
    """0 when every unit is COMPLETE, else 1. Private networks are allowed: the person names the
    site.
    """
    credential = Credential("basic", {"email": email, "apiToken": token})
    limits = effective_limits(JiraEndpoint.descriptor.rate_limit)
    source = JiraEndpoint(
        {"baseUrl": server},
        StaticCredential(credential),
        allow_private_networks=True,
        budget=VendorBudget(Spender(ProcessBucket(), limits, people=True)),
    )

    try:
        catalog = source.collect()
        columns = {dataset.name: dataset.fields for dataset in catalog.datasets}
        found = source.list_units([d.name for d in catalog.datasets if d.ingestable])
        # A plan of the connector's own is chosen on purpose.
        usual = [unit for unit in found if unit.default_mode != "CUSTOM"]
        wanted = usual if units is None else [unit for unit in found if unit.unit_id in units]
        folder = LakeFolder(Path(lake).resolve())
        runs = [_run_unit(source, unit, columns[unit.dataset], folder, full) for unit in wanted]
    finally:
        source.close()

    for line in _table(runs):
        say(line)
    return 0 if runs and all(run.status == "COMPLETE" for run in runs) else 1


@dataclass(frozen=True)
class LakeFolder:
    """Tables, staging and checkpoints below one folder."""

    root: Path

    @property
    def sink_config(self) -> dict[str, Any]:
        uri = f"sqlite:///{self.root / 'catalog.db'}"
        return {"catalog": "sql", "uri": uri, "warehouse": (self.root / "tables").as_uri()}

    def checkpoint(self, unit_id: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._all().get(unit_id)
        return found

    def save_checkpoint(self, unit_id: str, checkpoint: dict[str, Any]) -> None:
        everything = {**self._all(), unit_id: checkpoint}
        written = self._file.with_suffix(".new")
        written.write_text(json.dumps(everything, indent=2))
        written.replace(self._file)

    @property
    def _file(self) -> Path:
        self.root.mkdir(parents=True, exist_ok=True)
        return self.root / "checkpoints.json"

    def _all(self) -> dict[str, Any]:
        return dict(json.loads(self._file.read_text())) if self._file.exists() else {}


def _run_unit(
    source: JiraEndpoint,
    unit: EndpointUnitDescriptor,
    fields: tuple[FieldDescriptor, ...],
    folder: LakeFolder,
    full: bool,
) -> UnitRun:
    run = UnitRun(unit.unit_id)
    started = time.monotonic()

    try:
        for result in _slices(source, unit, fields, folder, "FULL" if full else unit.default_mode):
            run.figures.update(cast("dict[str, int]", result.stats))
            heavy = [evidence for evidence in result.evidence if evidence.weight != "info"]
            if heavy:
                run.status, run.note = heavy[-1].weight.upper(), heavy[-1].message
    except IngestError as e:
        run.status, run.note = "FAILED", f"{e.code}: {e.message}"

    run.seconds = time.monotonic() - started
    return run


def _slices(
    source: JiraEndpoint,
    unit: EndpointUnitDescriptor,
    fields: tuple[FieldDescriptor, ...],
    folder: LakeFolder,
    mode: Mode,
) -> Sequence[IngestionUnitResult]:
    """One run: slice after slice until the source is exhausted."""
    now = datetime.now(UTC)
    epoch = int(now.timestamp() * 1000)
    staging = {
        "object_store": open_staging("object_store", {"folder": str(folder.root / "staging")})
    }
    sink = sink_class("warehouse.iceberg")(folder.sink_config)
    registry = ResolvedEndpoints({SLUG: source}, {"lake": sink}, staging, {unit.unit_id: fields})

    policy = planned_deletes(unit.default_policy, unit.default_mode, sink.descriptor.deletes)
    checkpoint = folder.checkpoint(unit.unit_id)
    results: list[IngestionUnitResult] = []
    while not results or not results[-1].done:
        before = results[-1] if results else None
        if before and before.wait:
            until = datetime.fromisoformat(before.wait.resume_at)
            time.sleep(max(0.0, (until - datetime.now(UTC)).total_seconds()))
        context = IngestionContext(
            tenant_id=TENANT,
            run_id=f"run_{epoch}_{unit.unit_id}",
            endpoint_id=SLUG,
            endpoint_slug=SLUG,
            unit_id=unit.unit_id,
            dataset=unit.dataset,
            mode=mode,
            epoch=epoch,
            slice=len(results),
            continuation=before.resume if before else None,
        )

        pending: list[PendingSlice] = []
        result = run_ingestion_unit(
            SLUG,
            "lake",
            unit.unit_id,
            checkpoint,
            policy,
            "object_store",
            context=context,
            registry=registry,
            load_pending=partial(_last, pending),
            save_pending=pending.append,
        )

        if result.new_checkpoint:
            checkpoint = result.new_checkpoint
            folder.save_checkpoint(unit.unit_id, checkpoint)
        results.append(result)

    sink.sweep(sink_target(context, unit.unit_id, fields))
    return results


def _last(pending: Sequence[PendingSlice]) -> PendingSlice | None:
    return pending[-1] if pending else None


def _table(runs: Sequence[UnitRun]) -> list[str]:
    header = (
        "unit",
        "status",
        "read",
        "landed",
        "dedup",
        "unchanged",
        "requests",
        "seconds",
        "rows/s",
    )
    rows = [
        (
            run.unit_id,
            run.status,
            *(
                f"{run.figures[name]:,}"
                for name in ("read", "landed", "deduplicated", "unchanged", "requests")
            ),
            f"{run.seconds:.1f}",
            f"{run.figures['read'] / max(run.seconds, 0.001):,.0f}",
        )
        for run in runs
    ]

    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in [header, *rows]
    ]

    return [*lines, *(f"{run.unit_id}: {run.note}" for run in runs if run.note)]
