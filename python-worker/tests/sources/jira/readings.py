"""Short ways to read a unit in a test."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.source_endpoint import Row, SourceBatch, SourceWarning
from inlet_sdk.testing.contexts import a_context
from inlet_worker.sources.jira.endpoint import JiraEndpoint


def full(
    jira: JiraEndpoint, unit: str, context: IngestionContext | None = None, **policy: Any
) -> list[SourceBatch]:
    return list(jira.read_full(unit, Policy.parse(policy), context or a_context(unit, mode="FULL")))


def changed(
    jira: JiraEndpoint,
    unit: str,
    cursor: Any = None,
    context: IngestionContext | None = None,
    **policy: Any,
) -> list[SourceBatch]:
    checkpoint = None if cursor is None else Checkpoint.of(cursor)
    return list(
        jira.read_incremental(unit, checkpoint, Policy.parse(policy), context or a_context(unit))
    )


def rows_of(batches: Iterable[SourceBatch]) -> list[Row]:
    return [row for batch in batches for row in batch.rows]  # type: ignore[union-attr]


def ids(batches: Iterable[SourceBatch]) -> list[int]:
    return sorted(int(row["id"]) for row in rows_of(batches))


def warnings_of(batches: Iterable[SourceBatch]) -> list[SourceWarning]:
    return [warning for batch in batches for warning in batch.warnings]
