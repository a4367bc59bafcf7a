"""A sink type as the registry holds it: what it says of itself, and where it stands in the
environment's own lake, without loading the libraries that its class needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inlet_sdk.http.auth import Credential
from inlet_sdk.http.egress.guard import EgressGuard
from inlet_sdk.ports.described_endpoint import SinkDescriptor
from inlet_sdk.ports.sink_endpoint import SinkEndpoint
from inlet_worker.sinks.aws_keys import AwsKeys

AWS_ROLE = "aws_role"
"""The auth type of a place in AWS."""


@dataclass(frozen=True)
class OwnLake:
    """The environment's own lake, as one tenant has a part of it. `catalog` is what
    `INLET_LAKE_CATALOG` says, `databases` what the names of the tenant's databases begin with, `s3`
    the endpointUrl and region of an S3 that is not simply AWS's own.
    """

    tenant_id: str
    bucket: str
    catalog: Mapping[str, Any]
    databases: str
    s3: Mapping[str, str]


@dataclass(frozen=True)
class SinkAccess:
    """How a sink's place is reached: every address that it names passes `guard`. A place in AWS is
    opened with `keys`, any other of the tenant's own with the `credential`; the environment's own
    lake with neither.
    """

    guard: EgressGuard
    keys: AwsKeys | None = None
    credential: Credential | None = None


def _endpoint_alone(_: OwnLake, slug: str) -> str:
    return slug


def _none(_: Mapping[str, Any]) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class InLake:
    """Where a sink type stands in the environment's own lake: its keys begin with `folder`, then
    the tenant; `place` is the config of the tenant's part, `namespace` that of an endpoint's tables
    there.
    """

    folder: str
    place: Callable[[OwnLake], dict[str, Any]]
    namespace: Callable[[OwnLake, str], str] = _endpoint_alone


@dataclass(frozen=True)
class SinkType:
    """`open` makes the sink of the keys of its place, which it types. `in_lake` is None for one
    that stands only in places of the tenants' own. `aws_actions`: what a run does in the tenant's
    own account beside S3, by the config.
    """

    descriptor: SinkDescriptor
    open: Callable[[dict[str, Any], SinkAccess], SinkEndpoint]
    in_lake: InLake | None = None
    aws_actions: Callable[[Mapping[str, Any]], tuple[str, ...]] = _none

    @property
    def is_in_aws(self) -> bool:
        """Whether its places are S3's, or of what speaks like it."""
        return AWS_ROLE in self.descriptor.auth_types
