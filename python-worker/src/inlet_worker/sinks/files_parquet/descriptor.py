"""Manifest entry of `files.parquet`."""

from __future__ import annotations

from inlet_sdk.ports.described_endpoint import PLACE, SINK_FILES, SinkDescriptor
from inlet_worker.sinks.aws_keys import SECRET_SCHEMAS
from inlet_worker.sinks.places import REGION

DESCRIPTOR = SinkDescriptor(
    name="files.parquet",
    version="1.0.0",
    title="Parquet files",
    description="Lands runs as immutable parquet files, visible by a manifest. "
    "Appends and replaces, never merges.",
    capabilities=(SINK_FILES,),
    modes=("FULL", "INCREMENTAL"),
    compares_versions=False,
    deletes=(),
    sweeps_after_days=3,
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
                PLACE: True,
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
