"""A sink type as the registry holds it: what it says of itself, and where it stands in the
environment's own lake, without loading the libraries that its class needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inlet_sdk.ports.described_endpoint import SinkDescriptor


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


def _endpoint_alone(_: OwnLake, slug: str) -> str:
    return slug


def _none(_: Mapping[str, Any]) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class SinkType:
    """`load` gives the class. In the environment's own lake its keys begin with `lake_folder`, then
    the tenant; `place_in` is the config of the tenant's part, `namespace_in` the namespace of an
    endpoint's tables there. `aws_actions`: what a run does in the tenant's own account beside S3,
    by the config.
    """

    descriptor: SinkDescriptor
    load: Callable[[], Any]
    lake_folder: str
    place_in: Callable[[OwnLake], dict[str, Any]]
    namespace_in: Callable[[OwnLake, str], str] = _endpoint_alone
    aws_actions: Callable[[Mapping[str, Any]], tuple[str, ...]] = _none
