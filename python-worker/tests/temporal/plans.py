"""Builders of what the TypeScript side sends."""

from __future__ import annotations

from typing import Any

from inlet_worker.contracts import models
from inlet_worker.sources.jira.units import UNITS
from sandbox_server import SandboxServer

from .broker_server import BrokerServer, answered

TENANT = "acme"
ENDPOINT = "ep_1"
GRANT = "a.signed.grant"


def store_credential(site: SandboxServer, broker: BrokerServer) -> dict[str, str]:
    """A credential that the broker opens to the run; returns its reference."""
    secret = {"email": site.user, "apiToken": site.token}
    broker.credentials[GRANT] = answered(secret)
    return {
        "secretId": f"inlet/local/{TENANT}/{ENDPOINT}/v1",
        "versionId": "v1",
        "tenantId": TENANT,
        "ownerId": ENDPOINT,
        "grant": GRANT,
    }


def a_source(
    site: SandboxServer, credential: dict[str, str] | None, **changes: Any
) -> dict[str, Any]:
    return {
        "endpointId": ENDPOINT,
        "slug": "jira",
        "connector": "jira",
        "connectorVersion": "1.0.0",
        "config": {"baseUrl": site.url},
        "authType": "basic",
        "credential": credential,
        **changes,
    }


def a_sink(**changes: Any) -> dict[str, Any]:
    return {
        "sinkId": "sink_1",
        "type": "warehouse.iceberg",
        "config": {},
        "credential": None,
        **changes,
    }


def a_plan(source: dict[str, Any], fields: list[dict[str, Any]], **changes: Any) -> models.RunPlan:
    unit_id = changes.get("unitId", "jira.issues")
    unit = UNITS.named(unit_id).descriptor
    return models.RunPlan.model_validate(
        {
            "tenantId": TENANT,
            "runId": "run_1",
            "unitId": unit_id,
            "dataset": unit.dataset,
            "fields": fields,
            "mode": unit.default_mode,
            "policy": unit.default_policy,
            "epoch": 1,
            "trigger": "MANUAL",
            "source": source,
            "sink": a_sink(),
            "stagingProviderId": "object_store",
            "checkpoint": None,
            "checkpointVersion": 0,
            "landedBefore": None,
            **changes,
        }
    )
