"""How the pipeline finds what it works with: by id, for one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.execution_tool import BoundProgram
from inlet_sdk.ports.policy import TransformPolicy
from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_sdk.ports.staging_provider import StagingProvider

T = TypeVar("T")


class EndpointRegistry(Protocol):
    """Configured endpoints by id. Each method raises FatalError `CONFIG_INVALID` for an id it does
    not know.
    """

    def source(self, endpoint_id: str) -> SourceEndpoint: ...

    def sink(self, endpoint_id: str) -> SinkEndpoint: ...

    def staging(self, provider_id: str) -> StagingProvider: ...

    def fields(self, unit_id: str) -> tuple[FieldDescriptor, ...]:
        """The typed columns of the unit's dataset, as the catalogue has them."""

    def transform(self, order: TransformPolicy) -> BoundProgram:
        """What a policy orders, ready to run."""


def no_tools(order: TransformPolicy) -> BoundProgram:
    """Of a process that runs no transforms. Raises FatalError `CONFIG_INVALID`."""
    raise FatalError(
        "CONFIG_INVALID",
        f"Nothing runs {order.tool} here: leave policy.transform out.",
        details={"field": "policy.transform"},
    )


@dataclass(frozen=True)
class ResolvedEndpoints:
    """A registry of endpoints that are at hand already."""

    sources: Mapping[str, SourceEndpoint] = field(default_factory=dict)
    sinks: Mapping[str, SinkEndpoint] = field(default_factory=dict)
    providers: Mapping[str, StagingProvider] = field(default_factory=dict)
    columns: Mapping[str, tuple[FieldDescriptor, ...]] = field(default_factory=dict)
    transforms: Callable[[TransformPolicy], BoundProgram] = no_tools

    def source(self, endpoint_id: str) -> SourceEndpoint:
        return _known(self.sources, endpoint_id, "source endpoint")

    def sink(self, endpoint_id: str) -> SinkEndpoint:
        return _known(self.sinks, endpoint_id, "sink")

    def staging(self, provider_id: str) -> StagingProvider:
        return _known(self.providers, provider_id, "staging provider")

    def fields(self, unit_id: str) -> tuple[FieldDescriptor, ...]:
        return _known(self.columns, unit_id, "unit")

    def transform(self, order: TransformPolicy) -> BoundProgram:
        return self.transforms(order)


def _known(things: Mapping[str, T], name: str, kind: str) -> T:
    if name not in things:
        raise FatalError(
            "CONFIG_INVALID",
            f"No {kind} is called {name} in this run: check the unit's configuration.",
        )
    return things[name]
