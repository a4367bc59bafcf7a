"""The base of every HTTP source that is made of units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import ClassVar, cast

from inlet_sdk.errors import FatalError
from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import CensusOrder, CensusReport, LandedRows
from inlet_sdk.ports.checkpoint import Checkpoint, Cursor
from inlet_sdk.ports.common_data import CommonMap
from inlet_sdk.ports.described_endpoint import (
    EndpointDescriptor,
    EndpointUnitDescriptor,
    FieldDescriptor,
)
from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.source_endpoint import (
    CollectedDataset,
    QuarantinedRecord,
    Row,
    SourceBatch,
    SourceWarning,
)
from inlet_sdk.ports.source_identity import Scope
from inlet_sdk.units.history import history_owed, owing_history, scope_of
from inlet_sdk.units.planner import planned_batches
from inlet_sdk.units.policy import GroupFilter, ReadingPolicy, check
from inlet_sdk.units.unit import Unit, Units


class UnitsEndpoint(HttpEndpoint):
    """A SourceEndpoint with SupportsIngestionUnits, SupportsReread, SupportsMappingVersion,
    SupportsCustomMode, SupportsEntities, SupportsScope and SupportsCensus. What is asked of a unit
    is handed to its object here, and nowhere else; one that is unknown is refused as
    `UNIT_UNKNOWN`.

    A subclass adds `test` and `collect`. Where the site has groups (projects, repositories), it
    sets `group_filter`, and `groups` where its config bounds them.
    """

    descriptor: ClassVar[EndpointDescriptor]
    units: ClassVar[Units]
    group_filter: ClassVar[GroupFilter | None] = None
    groups: tuple[str, ...] | None = None
    """The endpoint's own groups, a bound of every policy; None for all."""

    def __init_subclass__(cls) -> None:
        """Raises TypeError for a connector whose manifest entry names other units than it has."""
        super().__init_subclass__()
        if cls.descriptor.units != cls.units.descriptors:
            raise TypeError(f"{cls.__name__}: its descriptor and its units disagree")

    def list_units(self, catalog: Sequence[str]) -> Sequence[EndpointUnitDescriptor]:
        return self.units.of_datasets(catalog)

    def collect_units(self) -> tuple[list[CollectedDataset], list[SourceWarning]]:
        """The datasets of the units that the account may read, as the site has them."""
        datasets: list[CollectedDataset] = []
        warnings: list[SourceWarning] = []
        for unit in self.units:
            found, descriptor = unit.columns(self), unit.descriptor
            warnings += found.warnings
            if found.columns is not None:
                named = {column.name: column.descriptor() for column in reversed(found.columns)}
                fields = tuple(named[name] for name in dict.fromkeys(c.name for c in found.columns))
                keys = tuple(descriptor.default_policy["primaryKeys"])
                datasets.append(
                    CollectedDataset(descriptor.dataset, descriptor.name, fields, True, keys)
                )

        return datasets, warnings

    def preview(self, dataset: str, limit: int) -> Sequence[Row]:
        """The first rows of a dataset as they would land."""
        context = IngestionContext(
            tenant_id="",
            run_id="preview",
            endpoint_id="",
            endpoint_slug="",
            unit_id=dataset,
            dataset=dataset,
            mode="FULL",
            epoch=0,
        )

        is_planned = self.units.named(dataset).planner is not None
        batches = (
            self.read_custom(dataset, None, Policy(), context)
            if is_planned
            else self.read_full(dataset, Policy(), context)
        )
        rows = (row for batch in batches for row in cast("Sequence[Row]", batch.rows))
        return list(islice(rows, limit))

    def read_full(
        self, unit_id: str, policy: Policy, context: IngestionContext
    ) -> Iterator[SourceBatch]:
        """Raises FatalError `CONFIG_INVALID` for a unit that is not read in full."""
        unit = self.units.named(unit_id)
        obeyed = self._policy_of(unit, policy)
        if unit.read_full is None:
            raise _other_mode(unit, "is not read in full")
        return unit.read_full(self, obeyed, context)

    def read_incremental(
        self,
        unit_id: str,
        checkpoint: Checkpoint | None,
        policy: Policy,
        context: IngestionContext,
    ) -> Iterator[SourceBatch]:
        """Raises FatalError `CONFIG_INVALID` for a unit without a cursor."""
        unit = self.units.named(unit_id)
        obeyed = self._policy_of(unit, policy)
        if unit.read_changes is None:
            raise _other_mode(unit, "has no cursor")

        cursor = checkpoint.cursor if checkpoint else None
        return unit.read_changes(self, cursor, obeyed, context)

    def read_custom(
        self,
        unit_id: str,
        checkpoint: Checkpoint | None,
        policy: Policy,
        context: IngestionContext,
    ) -> Iterator[SourceBatch]:
        unit = self.units.named(unit_id)
        obeyed = self._policy_of(unit, policy)
        if unit.planner is None:
            raise _other_mode(unit, "has no planner of its own")

        cursor = checkpoint.cursor if checkpoint else None
        return planned_batches(unit.planner, self, cursor, obeyed, context)

    def reread(
        self, unit_id: str, record: QuarantinedRecord, fields: Sequence[FieldDescriptor]
    ) -> Row:
        return self.units.named(unit_id).reread(record, fields)

    def mapping_version(self, unit_id: str) -> int:
        return self.units.named(unit_id).mapping_version

    def entity_map(self, unit_id: str) -> EntityMap | None:
        return self.units.named(unit_id).entities

    @classmethod
    def common_map(cls, unit_id: str) -> CommonMap | None:
        """What the unit's rows are in the Common Data Model; None where nothing is like them."""
        return cls.units.named(unit_id).common

    def has_census(self, unit_id: str) -> bool:
        return self.units.named(unit_id).census is not None

    def census(
        self,
        unit_id: str,
        policy: Policy,
        order: CensusOrder,
        landed: LandedRows,
        context: IngestionContext,
    ) -> CensusReport:
        """Raises FatalError `INTERNAL` for a unit of which `has_census` says that it has none."""
        unit = self.units.named(unit_id)
        obeyed = self._policy_of(unit, policy)
        if unit.census is None:
            raise FatalError(
                "INTERNAL", f"The unit {unit_id} has no census. Report this with the run's id."
            )

        return unit.census(self, obeyed, order, landed, context)

    def scope(self, unit_id: str, policy: Policy) -> Scope:
        return scope_of(self._policy_of(self.units.named(unit_id), policy).groups)

    def owing_history(self, cursor: Cursor, groups: Scope) -> Cursor:
        return owing_history(cursor, groups)

    def history_owed(self, cursor: Cursor) -> Scope | bool:
        return history_owed(cursor)

    def _policy_of(self, unit: Unit, policy: Policy) -> ReadingPolicy:
        """The unit's policy within the endpoint's groups. Raises FatalError `CONFIG_INVALID` naming
        the member at fault.
        """
        check(policy.given, unit.descriptor.policy_schema, "policy")
        stated = ReadingPolicy.parse(policy, self.group_filter)
        return stated.within(self.groups, self.group_filter)


def _other_mode(unit: Unit, why: str) -> FatalError:
    modes = " or ".join(unit.descriptor.supported_modes)
    return FatalError(
        "CONFIG_INVALID",
        f"The unit {unit.descriptor.unit_id} {why}. Set its mode to {modes}.",
        details={"field": "mode"},
    )
