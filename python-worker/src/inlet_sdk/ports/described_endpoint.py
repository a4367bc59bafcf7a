"""What every source and sink says of itself: the manifest entry (decision 1, document 002
section 1).
"""

from __future__ import annotations

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
    """Calls that the records of a dataset cost, told to people as `what`. `share` of the records
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
    """What reading a unit from the start costs: the model of an estimate (`core/run-estimate.ts`)."""

    fixed_calls: int
    steps: tuple[CostStep, ...]


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


@dataclass(frozen=True)
class EndpointDescriptor:
    """The manifest entry. `kind` tells sources and sinks apart; schemas are JSON Schema,
    `secret_schema` describes the credential by auth type and is never filled with values.
    `rate_limit` is what the vendor publishes of its limits, in the names of `http/budget/limits.py`;
    what it leaves out is the environment's.
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


class DescribedEndpoint(Protocol):
    """Anything the registry can list."""

    descriptor: ClassVar[EndpointDescriptor]
