"""Where a sink of files is: typed keys, and the store that they open."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from inlet_worker.sinks.aws_keys import AwsKeys
from inlet_worker.staging.registry import open_store


class FilesPlace(BaseModel):
    """`location` is `s3://bucket/prefix`, or `file:///folder` in the local environment. `proxy_url`
    is the way to an endpoint that a tenant named, through the egress guard, and `needs_keys` keeps
    a tenant's place from being asked as ourselves; no config can say either.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
    location: str = Field(min_length=1)
    region: str | None = None
    endpoint_url: str | None = Field(default=None, alias="endpointUrl")
    needs_keys: bool = Field(default=False, alias="needsKeys")
    proxy_url: str | None = Field(default=None, alias="proxyUrl", repr=False)


def open_files(place: FilesPlace, keys: AwsKeys | None) -> Any:
    """The obstore store of the location, object keys being relative to it."""
    if place.location.startswith("file://"):
        return open_store({"folder": place.location.removeprefix("file://")})

    bucket, _, prefix = place.location.removeprefix("s3://").partition("/")
    named = {
        "prefix": prefix,
        "endpointUrl": place.endpoint_url,
        "proxyUrl": place.proxy_url,
        "region": place.region,
    }

    identity = keys.for_obstore if keys else None
    return open_store(
        {"bucket": bucket, **{name: value for name, value in named.items() if value}}, identity
    )
