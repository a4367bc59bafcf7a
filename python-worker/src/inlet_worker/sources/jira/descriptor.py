"""The manifest entry of the Jira connector."""

from __future__ import annotations

from typing import Any

from inlet_sdk.http.budget.limits import RATE_LIMIT_SCHEMA
from inlet_sdk.http.secret_schemas import HIDDEN, OAUTH2, secret_of
from inlet_sdk.ports.described_endpoint import (
    INGEST_FULL,
    INGEST_INCREMENTAL,
    METADATA_COLLECT,
    METADATA_PREVIEW,
    EndpointDescriptor,
)
from inlet_worker.sources.jira.policy import PROJECT_KEYS
from inlet_worker.sources.jira.resources import RESOURCES
from inlet_worker.sources.jira.units import UNITS

GATEWAY = "https://api.atlassian.com"

# Atlassian counts 100 reads a second for each of its addresses and methods, API tokens included:
# flow and burst together stay within the hundred. Apps (OAuth 2.0) have 65,000 points an hour
# besides, for all sites they are used on, more once reviewed: 1 for a call, 1 for each issue or
# project of the answer, 2 for each person.
RATE_LIMIT: dict[str, Any] = {
    "requestsPerSecond": 80,
    "burst": 20,
    "reservedShare": 0.25,
    "pointsPerHour": 65_000,
    "pointsFor": ["oauth2"],
}

_URL: dict[str, Any] = {
    "type": "string",
    "examples": ["https://your-site.atlassian.net"],
    "x-address": "url",
}

CONFIG_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "baseUrl": {
            **_URL,
            "title": "Site address",
            "description": "Address of the site, without query and fragment.",
        },
        "projectKeys": {
            **PROJECT_KEYS,
            "title": "Projects",
            "description": "Default: all projects that the account sees.",
        },
        "cloudId": {
            "type": "string",
            "pattern": "^[A-Za-z0-9-]{1,64}$",
            "examples": ["11223344-a1b2-3b33-c444-def123456789"],
            "title": "Cloud id",
            "description": "Id of the site behind the Atlassian gateway. Required with OAuth 2.0.",
            "x-routes": True,
        },
        "gatewayUrl": {
            **_URL,
            "default": GATEWAY,
            "description": "Address of the gateway in front of the site, used with a cloud id.",
        },
        "rateLimit": RATE_LIMIT_SCHEMA,
    },
    "required": ["baseUrl"],
    "additionalProperties": False,
}


DESCRIPTOR = EndpointDescriptor(
    name="jira",
    kind="source",
    version="1.0.0",
    title="Jira Cloud",
    description="Issues, comments, worklogs, users, projects and changelogs of a Jira Cloud site.",
    capabilities=(METADATA_COLLECT, METADATA_PREVIEW, INGEST_FULL, INGEST_INCREMENTAL),
    config_schema=CONFIG_SCHEMA,
    sample_config={"baseUrl": "https://your-site.atlassian.net", "projectKeys": ["DEMO"]},
    auth_types=("basic", "oauth2"),
    secret_schema={
        "basic": secret_of(
            email={"type": "string", "minLength": 3, "maxLength": 320}, apiToken=HIDDEN
        ),
        "oauth2": OAUTH2,
    },
    modes=("FULL", "INCREMENTAL", "SCD1", "CUSTOM"),
    resources=RESOURCES,
    units=UNITS.descriptors,
    rate_limit=RATE_LIMIT,
)
