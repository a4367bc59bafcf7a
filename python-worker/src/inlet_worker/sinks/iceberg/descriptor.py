"""Manifest entry of `warehouse.iceberg`."""

from __future__ import annotations

from inlet_sdk.ports.described_endpoint import PLACE, SINK_ICEBERG, SinkDescriptor
from inlet_worker.sinks.aws_keys import SECRET_SCHEMAS
from inlet_worker.sinks.places import REGION

DESCRIPTOR = SinkDescriptor(
    name="warehouse.iceberg",
    version="1.0.0",
    title="Iceberg lake",
    description="Lands each dataset in an Apache Iceberg table, merged by primary key, one "
    "snapshot a slice.",
    capabilities=(SINK_ICEBERG,),
    modes=("FULL", "INCREMENTAL", "SCD1"),
    compares_versions=True,
    deletes=("soft", "hard"),
    sweeps_after_days=3,
    is_default=True,
    auth_types=("aws_role",),
    secret_schema={"aws_role": SECRET_SCHEMAS["aws_role"]},
    config_schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        # Empty: the environment's own lake.
        "allOf": [{"if": {"minProperties": 1}, "then": {"required": ["catalog", "warehouse"]}}],
        "properties": {
            "catalog": {
                "enum": ["glue", "sql"],
                "description": "Glue in AWS; SQLite in the local environment.",
            },
            "warehouse": {
                "type": "string",
                "minLength": 1,
                "maxLength": 300,
                "description": "s3://bucket/prefix. All tables lie below it.",
                PLACE: True,
            },
            "region": {
                **REGION,
                "description": "Region of the bucket and of Glue. Default: the environment's "
                "region.",
            },
            "uri": {
                "type": "string",
                "pattern": "^sqlite:///[^?#]+$",
                "maxLength": 300,
                "description": "Address of the SQL catalogue, in the local environment.",
                "x-local": True,
            },
        },
        "if": {"properties": {"catalog": {"const": "sql"}}, "required": ["catalog"]},
        "then": {"required": ["uri"]},
        "else": {"properties": {"uri": False}},
    },
    sample_config={
        "catalog": "glue",
        "warehouse": "s3://acme-lake/inlet",
        "region": "eu-central-1",
    },
)
