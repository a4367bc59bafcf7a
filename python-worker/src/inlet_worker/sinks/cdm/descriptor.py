"""Manifest entry of `cdm`."""

from __future__ import annotations

from inlet_sdk.ports.described_endpoint import SINK_CDM, SinkDescriptor

DESCRIPTOR = SinkDescriptor(
    name="cdm",
    version="1.0.0",
    title="Common Data Model",
    description="Lands work items, people, projects, comments and work logs in the same tables "
    "for every source, through another sink of the tenant, which says what modes and deletes "
    "there are.",
    capabilities=(SINK_CDM,),
    modes=("FULL", "INCREMENTAL", "SCD1"),
    compares_versions=True,
    deletes=("soft", "hard"),
    sweeps_after_days=3,
    config_schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["through"],
        "additionalProperties": False,
        "properties": {
            "through": {
                "type": "string",
                "pattern": "^[A-Za-z0-9_-]{1,64}$",
                "title": "Written through",
                "description": "Id of the tenant's sink that the records land in.",
                "examples": ["snk_01J0000000000000000000000"],
            },
        },
    },
    sample_config={"through": "snk_01J0000000000000000000000"},
)
