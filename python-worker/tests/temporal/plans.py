"""Builders of what the TypeScript side sends."""

from __future__ import annotations

from typing import Any

import boto3

from inlet_worker.contracts import models
from inlet_worker.sources.jira.units import UNITS
from sandbox_server import SandboxServer

from .test_credentials import sealed

TENANT = "acme"
ENDPOINT = "ep_1"


def store_credential(site: SandboxServer) -> dict[str, str]:
    """A credential as the API stores it, with KMS and Secrets Manager; returns its reference."""
    kms, secrets = boto3.client("kms"), boto3.client("secretsmanager")
    context = {"tenantId": TENANT, "ownerId": ENDPOINT, "purpose": "credential"}
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    data_key = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=context)
    text = sealed(
        TENANT,
        ENDPOINT,
        data_key["Plaintext"],
        {"email": site.user, "apiToken": site.token},
        wrapped=data_key["CiphertextBlob"],
    )
    name = f"inlet/local/{TENANT}/{ENDPOINT}/{key_id}"
    version = secrets.create_secret(Name=name, SecretString=text)["VersionId"]
    return {"secretId": name, "versionId": version, "tenantId": TENANT, "ownerId": ENDPOINT}


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
