"""What every source and sink says of itself: the manifest entry (decision 1, document 002
section 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

METADATA_COLLECT = "metadata.collect"
METADATA_PREVIEW = "metadata.preview"
INGEST_FULL = "ingest.full"
INGEST_INCREMENTAL = "ingest.incremental"
SINK_HDFS = "sink.hdfs"
SINK_ICEBERG = "sink.iceberg"
SINK_JDBC = "sink.jdbc"
SINK_CDM = "sink.cdm"
SINK_FILES = "sink.files"

PLACE = "x-place"
"""Keyword of a sink's config schema: this key says where the sink is."""

Mode = Literal["FULL", "INCREMENTAL", "SCD1", "CUSTOM"]


@dataclass(frozen=True)
class Resource:
    """An API resource of a connector: `path` is relative to the site, `schema` describes an answer,
    `sample` is one.
    """

    name: str
    method: str
    path: str
    schema: dict[str, Any]
    sample: Any
    description: str = ""


@dataclass(frozen=True)
class FieldDescriptor:
    """A typed column of a dataset. `type` is one of string, long, double, boolean, timestamp (UTC,
    ms), date, json.
    """

    name: str
    type: str
    nullable: bool = True
    description: str = ""


@dataclass(frozen=True)
class CostStep:
    """Calls that the records of a dataset cost; people read `what`. `share` of the records
    need it; one that is `only_with_filters` is needed where `policy.filters` narrows what is read.
    A vendor that counts in points counts one for a call, and `points_per_record`.
    """

    what: str
    dataset: str
    records_per_call: int
    share: float = 1.0
    only_with_filters: bool = False
    points_per_record: int = 0


@dataclass(frozen=True)
class UnitCost:
    """What reading a unit from the start costs: the model of an estimate
    (`core/run-estimate.ts`).
    """

    fixed_calls: int
    steps: tuple[CostStep, ...]


@dataclass(frozen=True)
class CommonDataDescriptor:
    """What a unit's rows are in the Common Data Model. `fields`: column by field."""

    entity: str
    version: int
    fields: Mapping[str, str]


@dataclass(frozen=True)
class EndpointUnitDescriptor:
    """An ingestable slice of an endpoint. `unit_id` is the dataset's name (`jira.issues`) unless
    there are several. `entity_type`: what its records are in the knowledge base.
    """

    unit_id: str
    dataset: str
    name: str
    default_mode: Mode
    supported_modes: tuple[Mode, ...]
    default_policy: dict[str, Any]
    policy_schema: dict[str, Any]
    cost: UnitCost | None = None
    entity_type: str | None = None
    common_data: CommonDataDescriptor | None = None


@dataclass(frozen=True)
class EndpointDescriptor:
    """The manifest entry. `kind` tells sources and sinks apart; schemas are JSON Schema,
    `secret_schema` describes the credential by auth type and is never filled with values.
    `rate_limit` is what the vendor publishes of its limits, in the names of
    `http/budget/limits.py`; what it leaves out is the environment's.
    """

    name: str
    kind: Literal["source", "sink"]
    version: str
    title: str
    description: str
    capabilities: tuple[str, ...]
    config_schema: dict[str, Any]
    sample_config: dict[str, Any]
    auth_types: tuple[str, ...] = ()
    secret_schema: dict[str, dict[str, Any]] = field(default_factory=dict)
    modes: tuple[Mode, ...] = ()
    resources: tuple[Resource, ...] = ()
    units: tuple[EndpointUnitDescriptor, ...] = ()
    rate_limit: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class SinkDescriptor(EndpointDescriptor):
    """What a sink says of itself beside that. `compares_versions`: it merges by primary key, and a
    landed row gives way to a newer version only. `deletes`: the values of `policy.deletes` that it
    can obey, beside `ignore`. `sweeps_after_days`: how old must be what a killed commit left before
    `sweep` deletes it. `is_default`: every tenant gets one when it is
    created.
    """

    kind: Literal["source", "sink"] = "sink"
    compares_versions: bool
    deletes: tuple[Literal["soft", "hard"], ...]
    sweeps_after_days: int
    is_default: bool = False

    @property
    def place_keys(self) -> tuple[str, ...]:
        """The keys of a config that say where the sink is."""
        keys: dict[str, Any] = self.config_schema["properties"]
        return tuple(name for name, described in keys.items() if described.get(PLACE))


class DescribedEndpoint(Protocol):
    """Anything the registry can list."""

    descriptor: ClassVar[EndpointDescriptor]
