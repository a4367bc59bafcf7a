"""Which sink a run really writes to: one of the Common Data Model has no place of its own."""

from __future__ import annotations

from inlet_sdk.errors import FatalError
from inlet_worker.contracts.models import SinkRef
from inlet_worker.sinks.cdm.descriptor import DESCRIPTOR


def written_through(sink: SinkRef) -> SinkRef | None:
    """The sink that one of the model is written through; None for any other. Raises FatalError
    `CONFIG_INVALID` where it is not there, or is of the model itself.
    """
    if sink.type != DESCRIPTOR.name:
        return None
    if sink.through is None or sink.through.type == DESCRIPTOR.name:
        raise FatalError(
            "CONFIG_INVALID",
            "config.through must name a sink of the tenant that is not cdm itself. Correct it.",
            details={"field": "config.through"},
        )
    return SinkRef.model_validate(sink.through.model_dump())


def place_of(sink: SinkRef) -> SinkRef:
    """The sink whose place a run writes to, with its own credential."""
    return written_through(sink) or sink
