"""Manifest entry of `warehouse.iceberg`."""

from __future__ import annotations

from inlet_worker.described_endpoint import SINK_ICEBERG, EndpointDescriptor

DESCRIPTOR = EndpointDescriptor(
    name="warehouse.iceberg",
    kind="sink",
    version="1.0.0",
    title="Iceberg lake",
    description="Lands each dataset in an Apache Iceberg table, merged by primary key, one snapshot a slice.",
    capabilities=(SINK_ICEBERG,),
    modes=("FULL", "INCREMENTAL", "SCD1"),
    auth_types=("role",),
    config_schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "anyOf": [{"maxProperties": 0}, {"required": ["catalog", "warehouse"]}],  # empty: the environment's own lake
        "properties": {
            "catalog": {"enum": ["sql", "glue"], "description": "SQLite on one machine, Glue in AWS."},
            "uri": {"type": "string", "pattern": "^sqlite:///", "description": "Of the SQL catalogue."},
            "warehouse": {"type": "string", "minLength": 1, "description": "s3://bucket/prefix, or file:///folder."},
            "properties": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "Further catalogue properties, for example s3.endpoint.",
            },
        },
        "if": {"properties": {"catalog": {"const": "sql"}}, "required": ["catalog"]},
        "then": {"required": ["uri"]},
    },
    sample_config={"catalog": "glue", "warehouse": "s3://acme-lake/inlet"},
)
