"""The source's port (document 002 section 1). Contract suite: `testing/contract_source.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from inlet_sdk.ports.checkpoint import Checkpoint, Cursor
from inlet_sdk.ports.described_endpoint import (
    DescribedEndpoint,
    EndpointUnitDescriptor,
    FieldDescriptor,
)
from inlet_sdk.ports.ingestion_context import IngestionContext, Resume
from inlet_sdk.ports.policy import Policy
from inlet_sdk.redaction import shown

if TYPE_CHECKING:
    import pyarrow as pa

Row = Mapping[str, Any]
"""Typed columns of the dataset, plus `_raw` (str: the vendor's record as JSON, faithful).

Values by column type: string and json (JSON text) str, long int, double float, boolean bool,
timestamp an aware datetime in UTC, date a date. A column without a value is left out. `_unfit`,
where there is any: the columns whose value does not fit them, each with the value's JSON text.
"""
UNFIT = "_unfit"


@dataclass(frozen=True)
class QuarantinedRecord:
    """A record that cannot be landed: counted, kept with its reason, redriven later. `raw` is JSON
    text, `row` what is known of it beside that: all of its columns where only one does not fit, or
    what the source took from elsewhere. `ask`: what the source wants to be asked for to read it
    again, where that is not its key. `unnamed`: the pipeline counts it without following it.
    """

    key: str | None
    code: str
    reason: str
    raw: str
    row: Row | None = None
    ask: str | None = None
    unnamed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", shown(self.reason))


@dataclass(frozen=True)
class SourceBatch:
    """One page or so, in source order.

    resume: JSON. Handed back as `context.continuation`, reading goes on right after this batch, in
        any process.
    cursor: JSON with `position` (epoch ms or None) plus the source's own state; true once all rows
        up to and including this batch have landed. None where the order of the source does not
        allow a commit here.
    warnings: what the vendor ignored, truncated or refused (403 of one project): evidence, or
        reason for PARTIAL.
    listed: parent -> keys of all its records, where the batch proves that there are no others. A
        key that has landed under that parent and is not listed may be gone.
    read: keys of QuarantinedRecords that are no rows, which have been read as they should be.
    """

    rows: Sequence[Row] | pa.RecordBatch
    resume: Resume
    cursor: Cursor | None = None
    quarantined: Sequence[QuarantinedRecord] = ()
    warnings: Sequence[SourceWarning] = ()
    listed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    read: Sequence[str] = ()


@dataclass(frozen=True)
class SourceWarning:
    """Evidence against completeness. `partial` says that rows are known to be missing."""

    code: str
    message: str
    partial: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", shown(self.message))


@dataclass(frozen=True)
class CollectedDataset:
    """A dataset found by metadata collection. `name` like `jira.issues`; catalogue-only ones are
    not ingestable.
    """

    name: str
    title: str
    fields: tuple[FieldDescriptor, ...]
    ingestable: bool
    primary_keys: tuple[str, ...] = ()
    entries: tuple[
        Mapping[str, Any], ...
    ] = ()  # dictionaries (statuses, priorities, …): the values themselves


@dataclass(frozen=True)
class CollectedCatalog:
    """What `metadata.collect` found. `source_system`: {vendor, baseUrl, siteId, title}. `units`:
    what can be ingested of the datasets, in the order in which people are shown them.
    """

    source_system: dict[str, Any]
    datasets: tuple[CollectedDataset, ...]
    warnings: tuple[SourceWarning, ...] = ()
    units: tuple[EndpointUnitDescriptor, ...] = ()


@runtime_checkable
class SourceEndpoint(DescribedEndpoint, Protocol):
    """A configured connector. Everything it raises is an IngestError; it never holds a checkpoint
    of its own.
    """

    def test(self) -> dict[str, Any]:
        """Ask the vendor who we are. Returns {account, site, …}; raises FatalError with the field
        to mend.
        """

    def collect(self) -> CollectedCatalog:
        """Read the catalogue (`metadata.collect`)."""

    def preview(self, dataset: str, limit: int) -> Sequence[Row]:
        """The first rows of a dataset (`metadata.preview`), as they would land."""

    def read_full(
        self, unit_id: str, policy: Policy, context: IngestionContext
    ) -> Iterator[SourceBatch]:
        """Every record once, from `context.continuation` on. The last batch's cursor, if any,
        starts INCREMENTAL.
        """

    def read_incremental(
        self,
        unit_id: str,
        checkpoint: Checkpoint | None,
        policy: Policy,
        context: IngestionContext,
    ) -> Iterator[SourceBatch]:
        """Everything changed since `checkpoint.cursor` (None: everything), inclusive overlap and
        all, and what `context.again` names where the source can ask for it; yields at least one
        batch, whose cursor may be the old one.
        """

    def close(self) -> None:
        """Give back connections. Idempotent."""


class SupportsIngestionUnits(Protocol):
    """Sources whose units follow the catalogue (document 001 section 2)."""

    def list_units(self, catalog: Sequence[str]) -> Sequence[EndpointUnitDescriptor]:
        """One descriptor per ingestable dataset named in `catalog`; empty for an empty
        catalogue.
        """


@runtime_checkable
class SupportsCustomMode(Protocol):
    """Sources with units that are read by a plan of their own."""

    def read_custom(
        self,
        unit_id: str,
        checkpoint: Checkpoint | None,
        policy: Policy,
        context: IngestionContext,
    ) -> Iterator[SourceBatch]:
        """As `read_incremental` promises, by the unit's planner, whose cursor the checkpoint holds.
        Raises FatalError `CONFIG_INVALID` for a unit without one.
        """


@runtime_checkable
class SupportsReread(Protocol):
    """Sources that can make a row of a record that they set aside, without asking the vendor."""

    def reread(
        self, unit_id: str, record: QuarantinedRecord, fields: Sequence[FieldDescriptor]
    ) -> Row:
        """The row of the record as the source would land it now, with `_raw`. Raises SkippableError
        when it still cannot be one.
        """
