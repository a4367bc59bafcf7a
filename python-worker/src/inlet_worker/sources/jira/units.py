"""The five ingestable units and what each may be configured to do."""

from __future__ import annotations

from collections.abc import Sequence

from inlet_sdk.ports.described_endpoint import EndpointUnitDescriptor, Mode
from inlet_worker.sources.jira.costs import COSTS
from inlet_worker.sources.jira.entities import ENTITIES
from inlet_worker.sources.jira.policy import policy_schema


def _unit(
    dataset: str, name: str, key: str, cursor: str | None, *, by_project: bool = True
) -> EndpointUnitDescriptor:
    modes: tuple[Mode, ...] = ("FULL", "INCREMENTAL", "SCD1") if cursor else ("FULL",)
    policy: dict[str, object] = {"primaryKeys": [key]}
    if cursor:
        policy["cursorField"] = cursor
    return EndpointUnitDescriptor(
        unit_id=dataset,
        dataset=dataset,
        name=name,
        default_mode="INCREMENTAL" if cursor else "FULL",
        supported_modes=modes,
        default_policy=policy,
        policy_schema=policy_schema([key], cursor, by_project=by_project),
        cost=COSTS[dataset],
        entity_type=entities.entity_type if (entities := ENTITIES.get(dataset)) else None,
    )


UNITS: tuple[EndpointUnitDescriptor, ...] = (
    _unit("jira.projects", "Projects", "id", None),
    _unit("jira.issues", "Issues", "id", "updated"),
    _unit("jira.users", "Users", "accountId", None, by_project=False),
    _unit("jira.comments", "Comments", "id", "updated"),
    # `started`, the other time of a worklog, would lose edits of old ones.
    _unit("jira.worklogs", "Worklogs", "id", "updated"),
)


def units_of(catalog: Sequence[str]) -> tuple[EndpointUnitDescriptor, ...]:
    """The units whose dataset is in the catalogue."""
    return tuple(unit for unit in UNITS if unit.dataset in catalog)
