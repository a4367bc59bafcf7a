"""Manifest entry of `jdbc`."""

from __future__ import annotations

from inlet_sdk.ports.described_endpoint import SINK_JDBC, SinkDescriptor
from inlet_worker.sinks.jdbc.login import AUTH_TYPE, SECRET_SCHEMA

_SERVERS = ["postgresql", "mysql", "mariadb"]

DESCRIPTOR = SinkDescriptor(
    name="jdbc",
    version="1.0.0",
    title="Database",
    description="Lands each dataset in a table of your own PostgreSQL, MySQL or MariaDB, merged by "
    "primary key, one transaction a slice.",
    capabilities=(SINK_JDBC,),
    modes=("FULL", "INCREMENTAL", "SCD1"),
    compares_versions=True,
    deletes=("soft", "hard"),
    sweeps_after_days=3,
    auth_types=(AUTH_TYPE,),
    secret_schema={AUTH_TYPE: SECRET_SCHEMA},
    config_schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "required": ["dialect"],
        "properties": {
            "dialect": {
                "enum": [*_SERVERS, "sqlite"],
                "description": "Kind of database. sqlite is for the local environment.",
                "x-routes": True,
            },
            "host": {
                "type": "string",
                "description": "Host name of the server, as its certificate has it.",
                "x-address": "host",
            },
            "port": {
                "type": "integer",
                "minimum": 443,
                "maximum": 65535,
                "description": "Default: 5432 for postgresql, 3306 for mysql and mariadb.",
                "x-routes": True,
            },
            "database": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "description": "Database on the server.",
                "x-routes": True,
            },
            "schema": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                "description": "PostgreSQL's schema for the tables. Default: inlet.",
            },
            "tls": {
                "enum": ["verify-full", "disable"],
                "description": "Whether the server proves that it is the host. verify-full, but "
                "in the local environment.",
                "x-local": True,
                "x-routes": True,
            },
            "caCertificate": {
                "type": "string",
                "minLength": 1,
                "maxLength": 6000,
                "pattern": "^-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\n -]+$",
                "description": "Certificate authority of the server, as PEM. Default: the public "
                "ones.",
                "x-lines": True,
                "x-routes": True,
            },
            "path": {
                "type": "string",
                "minLength": 1,
                "maxLength": 300,
                "description": "SQLite's file, in the local environment.",
                "x-local": True,
            },
        },
        "if": {"properties": {"dialect": {"const": "sqlite"}}, "required": ["dialect"]},
        "then": {
            "required": ["path"],
            "properties": {
                "host": False,
                "port": False,
                "database": False,
                "schema": False,
                "tls": False,
                "caCertificate": False,
            },
        },
        "else": {"required": ["host", "database"], "properties": {"path": False}},
    },
    sample_config={
        "dialect": "postgresql",
        "host": "db.acme.example",
        "database": "warehouse",
        "schema": "inlet",
    },
)
