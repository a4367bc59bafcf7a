"""Builders of the worker's configuration."""

from __future__ import annotations

from inlet_worker.config import Settings, read_settings

ENVIRONMENT = {
    "INLET_ENVIRONMENT": "local",
    "INLET_CONTROL_TABLE": "control",
    "INLET_HOT_TABLE": "hot",
    "INLET_RATE_LIMIT": '{"requestsPerSecond": 500, "burst": 500, "reservedShare": 0.2}',
    "INLET_STAGING_BUCKET": "staging",
    "INLET_LAKE_BUCKET": "lake",
    "INLET_LAKE_CATALOG": '{"type": "sql", "uri": "sqlite:////nowhere/{tenantId}.db"}',
    "INLET_TEMPORAL_SECRET": "temporal",
    "INLET_PAYLOAD_KEY": (
        '{"current": "a", "keys": {"a": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}}'
    ),
    "INLET_BROKER_FUNCTION": "broker",
    "INLET_RUN_ROLE": "arn:aws:iam::000000000000:role/run",
    "INLET_ALLOW_PRIVATE_NETWORKS": "true",
}


def settings_with(**changes: str) -> Settings:
    return read_settings({**ENVIRONMENT, **changes})
