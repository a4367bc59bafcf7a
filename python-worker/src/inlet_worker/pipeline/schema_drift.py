"""`policy.schema: quarantine`: a column that the landed table lacks stays out of it, as do the rows
that fill it.
"""

from __future__ import annotations

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SinkTarget
from inlet_worker.staging.columns import NewField


def staged_fields(
    sink: SinkEndpoint, target: SinkTarget, policy: Policy
) -> tuple[FieldDescriptor, ...]:
    """The target's fields as they are staged: those that the policy keeps out are NewFields."""
    landed = sink.landed_columns(target) if policy.schema == "quarantine" else None
    if landed is None:
        return target.fields
    return tuple(
        f if f.name in landed else NewField(f.name, f.type, True, f.description)
        for f in target.fields
    )
