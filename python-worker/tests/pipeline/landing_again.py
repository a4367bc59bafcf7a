"""Replays, redrives and refills around a ControlPlane, as the workflow runs them: called again
until done, and after a crash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.described_endpoint import Mode
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.row_mapping import RowMapping, mapping_version_of
from inlet_worker.pipeline.commit_step import CommitStep
from inlet_worker.pipeline.import_from_staging import keyed_fields, sink_target
from inlet_worker.pipeline.redrive_quarantine import QuarantineRedrive
from inlet_worker.pipeline.refill_rows import RowRefill
from inlet_worker.pipeline.replay_staging import Replayed, StagingReplay
from inlet_worker.pipeline.rows_behind_schema import SchemaAge
from inlet_worker.pipeline.schema_drift import staged_fields
from inlet_worker.staging.quarantine_shelf import QuarantineShelf, Selection

from .control_plane import ControlPlane, Crash

ALL = Selection()


def retained(plane: ControlPlane, run_id: str, mode: Mode) -> Replayed:
    """A whole run whose staging is kept."""
    results = plane.run(run_id, mode)
    return Replayed(run_id, plane.epoch, len(results) - 1, mode)


def replay(plane: ControlPlane, run_id: str, replayed: Replayed) -> list[IngestionUnitResult]:
    def call(context: IngestionContext) -> IngestionUnitResult:
        return StagingReplay(step_of(plane, context), plane.staging, replayed).run()

    return _slices(plane, run_id, call)


def redrive(
    plane: ControlPlane, run_id: str, wanted: Selection = ALL, *, discard: bool = False
) -> list[IngestionUnitResult]:
    results = _slices(plane, run_id, lambda context: redriven(plane, context, wanted, discard))
    plane.checkpoint = results[-1].new_checkpoint or plane.checkpoint
    return results


def redriven(
    plane: ControlPlane, context: IngestionContext, wanted: Selection = ALL, discard: bool = False
) -> IngestionUnitResult:
    """One activity of a redrive."""
    context = _mapped(plane, context)
    step = step_of(plane, context)
    fields = staged_fields(step.sink, step.target, step.policy)
    session = plane.staging.allocate_session(context, fields)
    before = Checkpoint.parse(plane.checkpoint) if plane.checkpoint else None
    return QuarantineRedrive(
        step, plane.source, session, shelf_of(plane), wanted, before, discard=discard
    ).run()


def refill(plane: ControlPlane, run_id: str, **changes: Any) -> list[IngestionUnitResult]:
    """A whole refill; it publishes its checkpoint as a run does."""
    planned = plane.checkpoint
    results = _slices(
        plane, run_id, lambda context: refilled(plane, replace(context, **changes), planned)
    )
    for result in results:
        if result.new_checkpoint is not None:
            plane.checkpoint = result.new_checkpoint
    return results


def refilled(
    plane: ControlPlane, context: IngestionContext, planned: dict[str, Any] | None
) -> IngestionUnitResult:
    """One activity of a refill."""
    context = _mapped(plane, context)
    step = step_of(plane, context)
    fields = staged_fields(step.sink, step.target, step.policy)
    session = plane.staging.allocate_session(context, fields)
    checkpoint = Checkpoint.parse(planned) if planned else None
    age = SchemaAge.of(step.sink, step.target, fields, context.mapping, checkpoint)
    return RowRefill(replace(step, facts=age.facts), plane.source, session, age, checkpoint).run()


def shelf_of(plane: ControlPlane) -> QuarantineShelf:
    return QuarantineShelf(plane.staging.store, plane.context("any", "INCREMENTAL"))


def left(plane: ControlPlane) -> list[tuple[str | None, str]]:
    """What is in quarantine: key and code."""
    return [(shelved.record.key, shelved.record.code) for shelved in shelf_of(plane).records(ALL)]


def drop_table(plane: ControlPlane) -> None:
    plane.sink()._catalog.drop_table(("list", "things"))


def step_of(plane: ControlPlane, context: IngestionContext) -> CommitStep:
    policy = Policy.parse(plane.policy)
    target = sink_target(context, plane.unit, keyed_fields(plane.fields, policy))
    return CommitStep(
        plane.sink(), target, policy, context, lambda: plane.pending, plane.save, plane.on_step
    )


def _mapped(plane: ControlPlane, context: IngestionContext) -> IngestionContext:
    version = mapping_version_of(plane.source, plane.unit)
    mapping = RowMapping(version, Policy.parse(plane.policy).keep_raw)
    return replace(context, mapping=mapping)


def _slices(
    plane: ControlPlane, run_id: str, call: Callable[[IngestionContext], IngestionUnitResult]
) -> list[IngestionUnitResult]:
    plane.epoch += 1
    results: list[IngestionUnitResult] = []
    resume: dict[str, Any] | None = None
    while not results or not results[-1].done:
        context = plane.context(run_id, "INCREMENTAL", slice=len(results), continuation=resume)
        while True:
            try:
                results.append(call(context))
                break
            except Crash:
                continue
        resume = results[-1].resume
    return results
