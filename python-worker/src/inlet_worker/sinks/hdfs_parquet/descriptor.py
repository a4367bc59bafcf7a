"""Manifest entry of `hdfs.parquet`."""

from __future__ import annotations

from inlet_sdk.ports.described_endpoint import SINK_HDFS, SinkDescriptor
from inlet_worker.sinks.hdfs_parquet.place import BASIC, DELEGATION_TOKEN

DESCRIPTOR = SinkDescriptor(
    name="hdfs.parquet",
    version="1.0.0",
    title="Parquet files in HDFS",
    description="Lands runs as directories of parquet files in HDFS, by WebHDFS, HttpFS or Knox. "
    "Appends and replaces, never merges. Kerberos is not offered: give a delegation token, or "
    "a gateway's user and password.",
    capabilities=(SINK_HDFS,),
    modes=("FULL", "INCREMENTAL"),
    compares_versions=False,
    deletes=(),
    sweeps_after_days=3,
    auth_types=(DELEGATION_TOKEN, BASIC),
    secret_schema={
        DELEGATION_TOKEN: {
            "type": "object",
            "additionalProperties": False,
            "required": ["token"],
            "properties": {
                "token": {
                    "type": "string",
                    "pattern": "^[A-Za-z0-9_-]+$",
                    "minLength": 8,
                    "maxLength": 4000,
                    "writeOnly": True,
                    "description": "A delegation token of WebHDFS, as its URL-safe text.",
                }
            },
        },
        BASIC: {
            "type": "object",
            "additionalProperties": False,
            "required": ["username", "password"],
            "properties": {
                "username": {"type": "string", "minLength": 1, "maxLength": 256},
                "password": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1024,
                    "writeOnly": True,
                },
            },
        },
    },
    config_schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "required": ["url", "path"],
        "properties": {
            "url": {
                "type": "string",
                "description": "https address before /webhdfs/v1: of HttpFS, of Knox with its "
                "topology, or of a NameNode.",
                "x-address": "url",
            },
            "path": {
                "type": "string",
                "pattern": "^/[A-Za-z0-9_=/-]*[A-Za-z0-9_=-]$",
                "not": {"pattern": "//"},
                "maxLength": 300,
                "description": "Folder in HDFS. All files lie below it.",
            },
            "user": {
                "type": "string",
                "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$",
                "maxLength": 64,
                "description": "User of a cluster with simple authentication, for a sink without "
                "credentials.",
            },
        },
    },
    sample_config={
        "url": "https://knox.acme.example/gateway/default",
        "path": "/data/inlet",
        "user": "inlet",
    },
)
