"""A source whose rows are records of the Common Data Model (docs/cdm.md). It stands between the
source and staging, so that staging, sinks, drift, quarantine, redrive, replay, refill and census
work on the records as on any rows. The source itself is asked as ever: with its own policy, fields
and cursor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pyarrow as pa

from inlet_sdk.errors import FatalError, SkippableError
from inlet_sdk.ports.census import CensusOrder, CensusReport, LandedRows, SupportsCensus
from inlet_sdk.ports.checkpoint import Checkpoint, Cursor
from inlet_sdk.ports.common_data import ENTITIES, ORIGIN, CommonMap
from inlet_sdk.ports.described_endpoint import EndpointDescriptor, FieldDescriptor
from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.row_mapping import mapping_version_of
from inlet_sdk.ports.source_endpoint import (
    UNFIT,
    CollectedCatalog,
    QuarantinedRecord,
    Row,
    SourceBatch,
    SourceEndpoint,
    SupportsCustomMode,
    SupportsReread,
)
from inlet_sdk.ports.source_identity import Scope, SupportsIdentity, SupportsScope, System

RAW = "_raw"
MAPPINGS = 1000
"""A mapping's version counts above so many versions of the unit's own making of rows."""
_texts = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True)
class CommonUnit:
    """A unit as it lands by way of the model. `fields` and `policy` are the source's own.
    `endpoint`: the slug of its endpoint.
    """

    unit_id: str
    map: CommonMap
    fields: tuple[FieldDescriptor, ...]
    policy: Policy
    endpoint: str

    @property
    def dataset(self) -> str:
        """It lands in a table that bears the entity's name."""
        return f"common.{self.map.entity}"

    @property
    def landing_fields(self) -> tuple[FieldDescriptor, ...]:
        return ENTITIES[self.map.entity]

    def landing_policy(self) -> dict[str, Any]:
        """The policy in the words of the model. Raises FatalError `CONFIG_INVALID` where the key,
        or what orders the versions, is not among its fields, and for a transform: the columns that
        land are the model's.
        """
        if self.policy.transform is not None:
            raise FatalError(
                "CONFIG_INVALID",
                "Records of the Common Data Model have the columns of the model. Leave "
                "policy.transform out, or land the unit's own rows in another sink.",
                details={"field": "policy.transform"},
            )

        given = dict(self.policy.given)
        if keys := self.policy.primary_keys:
            given["primaryKeys"] = [self._named(key, "primaryKeys") for key in keys]
        for name in ("cursorField", "sequenceField"):
            if given.get(name) is not None:
                given[name] = self._named(str(given[name]), name)
        return given

    def _named(self, column: str, key: str) -> str:
        name = self.map.copies.get(column)
        if name is None:
            raise FatalError(
                "CONFIG_INVALID",
                f"policy.{key} names {column}, which {self.map.entity} has no field for.",
                details={"field": f"policy.{key}"},
            )
        return name


class CommonDataSource:
    """A SourceEndpoint around one. What the inner one cannot do, it does as little as it."""

    def __init__(self, source: SourceEndpoint, unit: CommonUnit) -> None:
        self._source = source
        self._unit = unit
        self._origin = dict(zip(ORIGIN, (source.descriptor.name, unit.endpoint), strict=True))
        self.descriptor: EndpointDescriptor = source.descriptor

    def test(self) -> dict[str, Any]:
        return self._source.test()

    def collect(self) -> CollectedCatalog:
        return self._source.collect()

    def preview(self, dataset: str, limit: int) -> Sequence[Row]:
        return self._source.preview(dataset, limit)

    def close(self) -> None:
        self._source.close()

    def read_full(
        self, unit_id: str, policy: Policy, context: IngestionContext
    ) -> Iterator[SourceBatch]:
        yield from self._mapped(
            self._source.read_full(unit_id, self._unit.policy, self._asked(context))
        )

    def read_incremental(
        self,
        unit_id: str,
        checkpoint: Checkpoint | None,
        policy: Policy,
        context: IngestionContext,
    ) -> Iterator[SourceBatch]:
        given = (unit_id, checkpoint, self._unit.policy, self._asked(context))
        yield from self._mapped(self._source.read_incremental(*given))

    def read_custom(
        self,
        unit_id: str,
        checkpoint: Checkpoint | None,
        policy: Policy,
        context: IngestionContext,
    ) -> Iterator[SourceBatch]:
        if not isinstance(self._source, SupportsCustomMode):
            raise _cannot(unit_id, "has no planner of its own")
        given = (unit_id, checkpoint, self._unit.policy, self._asked(context))
        yield from self._mapped(self._source.read_custom(*given))

    def reread(
        self, unit_id: str, record: QuarantinedRecord, fields: Sequence[FieldDescriptor]
    ) -> Row:
        """What is known of the row may be in the words of the model, or of the source."""
        if not isinstance(self._source, SupportsReread):
            raise _cannot(unit_id, "cannot make rows of records that were set aside")
        known = dict(record.row or {})
        back = {
            column: known[name]
            for column, name in self._unit.map.copies.items()
            if name in known and self._is_landed(known)
        }
        asked = replace(record, row={**known, **back})
        row = self._source.reread(unit_id, asked, self._unit.fields)
        try:
            return self._record(row)
        except ValueError as error:
            raise SkippableError("RECORD_INVALID", f"It cannot be mapped: {error}.") from None

    def mapping_version(self, unit_id: str) -> int:
        """Of both: the unit's making of rows, and the mapping of those."""
        return self._unit.map.version * MAPPINGS + mapping_version_of(self._source, unit_id)

    def entity_map(self, unit_id: str) -> EntityMap | None:
        return None

    def system(self, known: System, context: IngestionContext | None = None) -> System:
        if isinstance(self._source, SupportsIdentity):
            return self._source.system(known, context)
        return {}

    def scope(self, unit_id: str, policy: Policy) -> Scope:
        if isinstance(self._source, SupportsScope):
            return self._source.scope(unit_id, self._unit.policy)
        return None

    def owing_history(self, cursor: Cursor, groups: Scope) -> Cursor:
        if isinstance(self._source, SupportsScope):
            return self._source.owing_history(cursor, groups)
        return cursor

    def history_owed(self, cursor: Cursor) -> Scope | bool:
        if isinstance(self._source, SupportsScope):
            return self._source.history_owed(cursor)
        return False

    def has_census(self, unit_id: str) -> bool:
        return isinstance(self._source, SupportsCensus) and self._source.has_census(unit_id)

    def census(
        self,
        unit_id: str,
        policy: Policy,
        order: CensusOrder,
        landed: LandedRows,
        context: IngestionContext,
    ) -> CensusReport:
        if not isinstance(self._source, SupportsCensus):
            raise _cannot(unit_id, "has no census")
        rows = LandedRecords(landed, self._unit.map)
        given = (unit_id, self._unit.policy, order, rows, self._asked(context))
        return self._source.census(*given)

    def _asked(self, context: IngestionContext) -> IngestionContext:
        return replace(context, fields=self._unit.fields)

    def _mapped(self, batches: Iterator[SourceBatch]) -> Iterator[SourceBatch]:
        for batch in batches:
            rows: list[Row] = []
            odd: list[QuarantinedRecord] = []
            for row in _rows(batch.rows):
                try:
                    rows.append(self._record(row))
                except ValueError as error:
                    odd.append(self._unmapped(row, str(error)))
            yield replace(batch, rows=rows, quarantined=[*batch.quarantined, *odd])

    def _record(self, row: Row) -> dict[str, Any]:
        record = {**self._unit.map.record(row), **self._origin}
        if row.get(RAW) is not None:
            record[RAW] = row[RAW]
        if told := _unfit(row):
            named = self._unit.map.copies
            record[UNFIT] = {named[column]: told[column] for column in told if column in named}
        return record

    def _unmapped(self, row: Row, reason: str) -> QuarantinedRecord:
        key = row.get(self._unit.map.sources["id"].column)
        known = {name: value for name, value in row.items() if name != RAW}
        return QuarantinedRecord(
            None if key is None else str(key),
            "RECORD_INVALID",
            f"The record cannot be mapped: {reason}.",
            str(row.get(RAW) or "{}"),
            known,
        )

    def _is_landed(self, known: Row) -> bool:
        return ORIGIN[0] in known


@dataclass(frozen=True)
class LandedRecords:
    """Landed records in the source's own columns, as its census asks for them."""

    landed: LandedRows
    map: CommonMap

    def batches(self, *columns: str) -> Iterator[pa.RecordBatch]:
        """Raises FatalError `INTERNAL` for a column that the records do not have as it is: what was
        compared with nothing would look like a difference.
        """
        copies = self.map.copies
        lacking = [column for column in columns if column not in copies]
        if lacking:
            raise FatalError(
                "INTERNAL",
                f"{self.map.entity} lacks {', '.join(lacking)}, by which the census compares: "
                "report this.",
            )

        names = {copies[column]: column for column in columns}
        for batch in self.landed.batches(*names):
            yield batch.rename_columns([names.get(name, name) for name in batch.schema.names])


def _rows(rows: Sequence[Row] | pa.RecordBatch) -> Sequence[Mapping[str, Any]]:
    if isinstance(rows, pa.RecordBatch):
        return [
            {name: value for name, value in row.items() if value is not None}
            for row in rows.to_pylist()
        ]
    return rows


def _unfit(row: Row) -> Mapping[str, str]:
    told = row.get(UNFIT)
    if isinstance(told, str):
        return {name: bytes(text).decode() for name, text in _texts.decode(told).items()}
    return told or {}


def _cannot(unit_id: str, why: str) -> FatalError:
    return FatalError("CONFIG_INVALID", f"The unit {unit_id} {why}.", details={"field": "mode"})
