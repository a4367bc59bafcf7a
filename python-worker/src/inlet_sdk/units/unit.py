"""A unit of a source as one object. Whoever adds one has to state every part of it: what a unit
does not have is None in so many words, and no part of another can take its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_sdk.http.columns import Column
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CensusOrder, CensusReport, LandedRows
from inlet_sdk.ports.common_data import CommonMap
from inlet_sdk.ports.described_endpoint import (
    EndpointUnitDescriptor,
    FieldDescriptor,
    Mode,
    UnitCost,
)
from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.row_mapping import FIRST_VERSION
from inlet_sdk.ports.source_endpoint import QuarantinedRecord, Row, SourceBatch, SourceWarning
from inlet_sdk.units.planner import Planner
from inlet_sdk.units.policy import GroupFilter, ReadingPolicy, policy_schema

FULL: Mode = "FULL"
INCREMENTAL: Mode = "INCREMENTAL"
CUSTOM: Mode = "CUSTOM"


@dataclass(frozen=True)
class FoundColumns:
    """`columns` are None where the account may not read the unit; a warning says so."""

    columns: tuple[Column, ...] | None
    warnings: tuple[SourceWarning, ...] = ()


ColumnsFinder = Callable[[HttpEndpoint], FoundColumns]
"""Finds the columns that the unit's dataset has on a site."""

FullReader = Callable[[HttpEndpoint, ReadingPolicy, IngestionContext], Iterator[SourceBatch]]
"""Reads every record once, from `context.continuation` on. Asks nothing before the first batch is
wanted.
"""

Cursor = Mapping[str, Any]
ChangesReader = Callable[
    [HttpEndpoint, Cursor | None, ReadingPolicy, IngestionContext], Iterator[SourceBatch]
]
"""Reads what has changed since the cursor (None: everything), from `context.continuation` on."""

CensusTaker = Callable[
    [HttpEndpoint, ReadingPolicy, CensusOrder, LandedRows, IngestionContext], CensusReport
]
"""Compares what the site shows with what has landed. Raises CensusUnfinished when that proves
nothing.
"""

Rereader = Callable[[QuarantinedRecord, Sequence[FieldDescriptor]], Row]
"""Makes the row of a record that was set aside. Raises SkippableError when it still cannot be one.
"""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """`read_full` is None for a unit that is not read in full, `read_changes` without a cursor,
    `common` where the Common Data Model has nothing like its records, `planner` for one without
    mode CUSTOM, `census` where nothing can be compared, `entities` where
    its records are none. `mapping_version` is raised by whoever changes what the
    unit makes of a record without changing a column's name or type, so that landed rows count as
    older.
    """

    descriptor: EndpointUnitDescriptor
    columns: ColumnsFinder
    read_full: FullReader | None
    read_changes: ChangesReader | None
    census: CensusTaker | None
    entities: EntityMap | None
    reread: Rereader
    planner: Planner[Any] | None = None
    common: CommonMap | None = None
    mapping_version: int = FIRST_VERSION

    def __post_init__(self) -> None:
        """Raises ValueError where the descriptor promises another unit."""
        unit_id, descriptor = self.descriptor.unit_id, self.descriptor
        readers = {FULL: self.read_full, INCREMENTAL: self.read_changes, CUSTOM: self.planner}
        for mode, reader in readers.items():
            if (mode in descriptor.supported_modes) != (reader is not None):
                raise ValueError(f"{unit_id}: its modes and its readers disagree")
        if descriptor.common_data != (self.common.descriptor() if self.common else None):
            raise ValueError(f"{unit_id}: its descriptor and its mapping disagree")
        if descriptor.entity_type != (self.entities.entity_type if self.entities else None):
            raise ValueError(f"{unit_id}: its entity type and its entities disagree")


class Units:
    """The units of a connector, by id and in order."""

    def __init__(self, connector: str, *units: Unit) -> None:
        """`connector` is what people call it. Raises ValueError for two units of one id or
        one table.
        """
        self._connector = connector
        self._by_id = {unit.descriptor.unit_id: unit for unit in units}
        if len(self._by_id) < len(units):
            raise ValueError(f"{connector}: two units have one id")
        tables = [unit.common.entity for unit in units if unit.common]
        tables += [unit.descriptor.dataset.split(".", 1)[-1] for unit in units]
        if len(set(tables)) < len(tables):
            raise ValueError(f"{connector}: two units would land in one table")

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._by_id.values())

    @property
    def descriptors(self) -> tuple[EndpointUnitDescriptor, ...]:
        return tuple(unit.descriptor for unit in self)

    def of_datasets(self, names: Collection[str]) -> tuple[EndpointUnitDescriptor, ...]:
        """The units whose dataset is among the names."""
        return tuple(descriptor for descriptor in self.descriptors if descriptor.dataset in names)

    def named(self, unit_id: str) -> Unit:
        """Raises FatalError `UNIT_UNKNOWN`: no other unit answers for one that is not there."""
        unit = self._by_id.get(unit_id)
        if unit is None:
            raise FatalError(
                "UNIT_UNKNOWN",
                f"{self._connector} has no unit {unit_id}. Use one of {', '.join(self._by_id)}.",
            )
        return unit


def same_columns(columns: tuple[Column, ...]) -> ColumnsFinder:
    """Of a unit that has the same columns on every site."""
    return lambda site: FoundColumns(columns)


def describe_unit(
    dataset: str,
    name: str,
    *,
    key: str,
    cursor: str | None,
    groups: GroupFilter | None,
    cost: UnitCost,
    entities: EntityMap | None,
    common: CommonMap | None = None,
) -> EndpointUnitDescriptor:
    """The descriptor of the one unit of a dataset. `key` and `cursor` are columns; without a cursor
    it is read in full.
    """
    modes: tuple[Mode, ...] = (FULL, INCREMENTAL, "SCD1") if cursor else (FULL,)
    policy: dict[str, Any] = {"primaryKeys": [key]}
    if cursor:
        policy["cursorField"] = cursor

    return EndpointUnitDescriptor(
        unit_id=dataset,
        dataset=dataset,
        name=name,
        default_mode=INCREMENTAL if cursor else FULL,
        supported_modes=modes,
        default_policy=policy,
        policy_schema=policy_schema([key], cursor, groups),
        cost=cost,
        entity_type=entities.entity_type if entities else None,
        common_data=common.descriptor() if common else None,
    )


def describe_planned_unit(
    dataset: str,
    name: str,
    *,
    keys: Sequence[str],
    order: str,
    groups: GroupFilter | None,
    cost: UnitCost,
) -> EndpointUnitDescriptor:
    """The descriptor of a unit that is read in mode CUSTOM alone, and has neither census nor
    entities. `keys` are columns, `order` the one that orders the versions of a record.
    """
    schema = policy_schema(list(keys), order, groups)
    for name_of_census in ("deletes", "censusEveryHours"):
        del schema["properties"][name_of_census]

    return EndpointUnitDescriptor(
        unit_id=dataset,
        dataset=dataset,
        name=name,
        default_mode=CUSTOM,
        supported_modes=(CUSTOM,),
        default_policy={"primaryKeys": list(keys), "cursorField": order},
        policy_schema=schema,
        cost=cost,
    )
