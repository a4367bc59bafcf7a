"""Where a sink of files is: typed keys, the manifest entry that states them, and the store that
they open.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from inlet_sdk.ports.described_endpoint import SINK_FILES, EndpointDescriptor
from inlet_worker.sinks.aws_keys import SECRET_SCHEMAS, AwsKeys
from inlet_worker.sinks.places import REGION
from inlet_worker.staging.registry import open_store

DESCRIPTOR = EndpointDescriptor(
    name="files.parquet",
    kind="sink",
    version="1.0.0",
    title="Parquet files",
    description="Lands runs as immutable parquet files, visible by a manifest. Appends and "
    "replaces, never merges.",
    capabilities=(SINK_FILES,),
    modes=("FULL", "INCREMENTAL"),
    auth_types=("aws_role", "aws_keys"),
    secret_schema=SECRET_SCHEMAS,
    config_schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        # Empty: the environment's own lake.
        "allOf": [{"if": {"minProperties": 1}, "then": {"required": ["location"]}}],
        "properties": {
            "location": {
                "type": "string",
                "minLength": 1,
                "maxLength": 300,
                "description": "s3://bucket/prefix. All files lie below it.",
                "x-place": True,
            },
            "region": {
                **REGION,
                "description": "Region of the bucket. Default: the environment's region.",
            },
            "endpointUrl": {
                "type": "string",
                "description": "https address of an S3 that is not AWS's.",
                "x-address": "url",
            },
        },
    },
    sample_config={"location": "s3://acme-lake/files", "region": "eu-central-1"},
)


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
