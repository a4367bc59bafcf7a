"""Runs that stop themselves at a step of the commit, so that a test can kill or delay them exactly
there. `sealed` and `pending` come before the sink, `written` is right before the sink's commit,
`committed` right after it.
"""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from functools import partial
from typing import Any

from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_worker.contracts.models import RunUnitInput, RunUnitResult, SinkRef
from inlet_worker.pipeline.run_ingestion_unit import run_ingestion_unit
from inlet_worker.sinks.iceberg.endpoint import IcebergSink
from inlet_worker.temporal import run_ingestion_unit_activity as activity
from inlet_worker.temporal.lake import lake_config
from inlet_worker.temporal.work import Work

STEPS = ("sealed", "pending", "written", "committed")


def _stopped_at(step: str, given: Any, work: Work) -> RunUnitResult:
    def stop(now: str) -> None:
        if now == step:
            os.kill(os.getpid(), signal.SIGSTOP)

    def open_sink(reference: SinkRef, tenant_id: str, work: Work) -> IcebergSink:
        return IcebergSink(lake_config(reference, tenant_id, work.settings), on_step=stop)

    # This process runs nothing else.
    activity.run_ingestion_unit = partial(run_ingestion_unit, on_step=stop)  # type: ignore[assignment]
    activity.open_sink = open_sink
    return activity.run_ingestion_unit_activity(given, work)


def stopping_after_each_page(given: Any, work: Work) -> RunUnitResult:
    """As a worker that shuts down whenever it has read rows."""
    context = activity._context

    def stopping(task: RunUnitInput, work: Work) -> IngestionContext:
        return replace(
            context(task, work), on_progress=lambda p: work.stopping.set() if p.rows else None
        )

    activity._context = stopping
    return activity.run_ingestion_unit_activity(given, work)


def stopping_at_once(given: Any, work: Work) -> RunUnitResult:
    """As a worker that shuts down before the first page has come."""
    work.stopping.set()
    return activity.run_ingestion_unit_activity(given, work)


def stopped_when_sealed(given: Any, work: Work) -> RunUnitResult:
    return _stopped_at("sealed", given, work)


def stopped_when_pending(given: Any, work: Work) -> RunUnitResult:
    return _stopped_at("pending", given, work)


def stopped_when_written(given: Any, work: Work) -> RunUnitResult:
    return _stopped_at("written", given, work)


def stopped_when_committed(given: Any, work: Work) -> RunUnitResult:
    return _stopped_at("committed", given, work)
