"""Builders for what a source is called with."""

from __future__ import annotations

from typing import Any

from inlet_sdk.http.auth import Credential, StaticCredential
from inlet_sdk.ports.ingestion_context import IngestionContext

CANARY = "canary-token-5fd1"
LOGIN = StaticCredential(Credential("basic", {"email": "ann@example.com", "apiToken": CANARY}))


def a_context(unit_id: str = "jira.issues", **changes: Any) -> IngestionContext:
    given: dict[str, Any] = {
        "tenant_id": "acme",
        "run_id": "run-1",
        "endpoint_id": "endpoint-1",
        "endpoint_slug": "jira",
        "unit_id": unit_id,
        "dataset": unit_id,
        "mode": "INCREMENTAL",
        "epoch": 1,
    }
    return IngestionContext(**{**given, **changes})
