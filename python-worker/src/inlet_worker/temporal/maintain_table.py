"""Upkeep of one table that a unit lands in, in whatever sink: the environment's own, or a place of
the tenant's (docs/adr/0042).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.sink_endpoint import SinkTarget
from inlet_sdk.ports.sink_maintenance import Upkeep, maintain
from inlet_worker.config import RunSettings
from inlet_worker.contracts.models import (
    MaintainTableInput,
    MaintainTableResult,
    MaintenanceFigures,
)
from inlet_worker.host import logs
from inlet_worker.pipeline.import_from_staging import sink_target
from inlet_worker.temporal.endpoints import open_sink
from inlet_worker.temporal.lake import namespace_of
from inlet_worker.temporal.work import Work
from inlet_worker.temporal.written_through import place_of


def maintain_table(given: Any, work: Work) -> MaintainTableResult:
    """Takes no lease: the sink makes way for whoever commits. Raises what the sink raises."""
    asked = MaintainTableInput.model_validate(given)
    sink = open_sink(asked.sink, asked.tenant_id, work)

    report = maintain(sink, _target(asked, work.settings), Upkeep(lambda: _is_over(work)))

    figures = MaintenanceFigures(
        files_compacted=report.files_compacted,
        files_written=report.files_written,
        bytes_written=report.bytes_written,
        snapshots_expired=report.snapshots_expired,
        files_deleted=report.files_deleted,
        lost_races=report.lost_races,
    )
    said = figures.model_dump(by_alias=True)
    logs.get_logger(__name__).info("table maintained", done=report.done, **said)
    return MaintainTableResult(done=report.done, figures=figures)


def _is_over(work: Work) -> bool:
    return work.stopping.is_set() or datetime.now(UTC) >= work.deadline


def _target(asked: MaintainTableInput, settings: RunSettings) -> SinkTarget:
    """Where the unit's runs land."""
    context = IngestionContext(
        tenant_id=asked.tenant_id,
        run_id="",
        endpoint_id=asked.endpoint_id,
        endpoint_slug=asked.slug,
        unit_id=asked.unit_id,
        dataset=asked.dataset,
        mode="INCREMENTAL",
        epoch=0,
    )
    namespace = namespace_of(asked.slug, place_of(asked.sink), asked.tenant_id, settings)
    return sink_target(context, asked.unit_id, (), namespace)
