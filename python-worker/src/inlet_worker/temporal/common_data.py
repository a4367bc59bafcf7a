"""Runs whose sink is the Common Data Model: the plan in the words of the model, and the source
whose rows are its records. Every other run is left as it is.
"""

from __future__ import annotations

from typing import cast

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_worker.contracts.models import DatasetField, RunPlan
from inlet_worker.pipeline.common_data_source import CommonDataSource, CommonUnit
from inlet_worker.sources.registry import SOURCES
from inlet_worker.temporal.run_plan import fields_of
from inlet_worker.temporal.written_through import written_through


def as_landed(plan: RunPlan) -> RunPlan:
    """The plan as its rows land. Raises FatalError `CONFIG_INVALID` for a unit without a mapping,
    naming those that have one.
    """
    unit = common_unit(plan)
    if unit is None:
        return plan
    fields = [
        DatasetField(
            name=f.name, type=f.type, nullable=f.nullable, description=f.description or None
        )
        for f in unit.landing_fields
    ]
    changes = {"dataset": unit.dataset, "fields": fields, "policy": unit.landing_policy()}
    return plan.model_copy(update=changes)


def mapped_source(source: SourceEndpoint, plan: RunPlan) -> SourceEndpoint:
    """The source as its rows land; `plan` is the one that was given, in the source's words."""
    unit = common_unit(plan)
    # Its descriptor is the inner one's, which no class can say.
    return source if unit is None else cast(SourceEndpoint, CommonDataSource(source, unit))


def common_unit(plan: RunPlan) -> CommonUnit | None:
    """None for a run whose sink is not of the model."""
    if plan.sink is None or written_through(plan.sink) is None:
        return None

    connector = SOURCES.get(plan.source.connector)
    mapping = connector.common_map(plan.unit_id) if connector else None
    if mapping is None:
        units = connector.descriptor.units if connector else ()
        named = [one.unit_id for one in units if connector and connector.common_map(one.unit_id)]
        raise FatalError(
            "CONFIG_INVALID",
            f"{plan.unit_id} is not mapped to the Common Data Model. "
            f"Mapped are: {', '.join(named) or 'none'}.",
            details={"field": "sinkId"},
        )
    fields = fields_of(plan.fields)
    return CommonUnit(plan.unit_id, mapping, fields, Policy.parse(plan.policy), plan.source.slug)
