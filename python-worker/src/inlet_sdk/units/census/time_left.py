"""A census is not cut into slices: it ends in one activity, or proves nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from inlet_sdk.ports.census import CensusUnfinished
from inlet_sdk.ports.ingestion_context import IngestionContext


def refuse_if_late(context: IngestionContext) -> None:
    """Raises CensusUnfinished past the activity's deadline."""
    if context.deadline is not None and datetime.now(UTC) >= context.deadline:
        raise CensusUnfinished(
            "There was no time left to compare all that has landed. The next run tries again."
        )
