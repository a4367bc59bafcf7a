"""Every source by name. A new source is a folder beside `jira/`, and its class below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from inlet_sdk.http.auth import CredentialSource
from inlet_sdk.http.budget.vendor_budget import VendorBudget
from inlet_sdk.http.request import HttpLimits
from inlet_sdk.ports.common_data import CommonMap
from inlet_sdk.ports.described_endpoint import EndpointDescriptor
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_worker.sources.cloudwatch import descriptor as cloudwatch
from inlet_worker.sources.github import descriptor as github
from inlet_worker.sources.jira.endpoint import JiraEndpoint
from inlet_worker.sources.zoho_people import descriptor as zoho_people


class SourceClass(Protocol):
    """The class of a source, as `temporal/endpoints.py` calls it."""

    @property
    def descriptor(self) -> EndpointDescriptor: ...

    def common_map(self, unit_id: str) -> CommonMap | None: ...

    def __call__(
        self,
        config: Mapping[str, Any],
        credentials: CredentialSource,
        *,
        allow_private_networks: bool = False,
        limits: HttpLimits | None = None,
        budget: VendorBudget | None = None,
    ) -> SourceEndpoint: ...


_CLASSES: tuple[SourceClass, ...] = (JiraEndpoint,)
SOURCES = {one.descriptor.name: one for one in _CLASSES}

_METHODS_ONLY = (cloudwatch.DESCRIPTOR, github.DESCRIPTOR, zoho_people.DESCRIPTOR)
DESCRIPTORS = {
    **{name: one.descriptor for name, one in SOURCES.items()},
    **{one.name: one for one in _METHODS_ONLY},
}
"""Every entry of the manifest. Those that are in `SOURCES` are read as rows; of the others only the
methods are called, by TypeScript (decision 1).
"""
