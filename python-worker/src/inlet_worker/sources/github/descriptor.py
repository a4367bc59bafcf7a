"""The manifest entry of the GitHub connector. TypeScript calls its methods (decision 1)."""

from __future__ import annotations

from typing import Any

from inlet_sdk.http.budget.limits import RATE_LIMIT_SCHEMA
from inlet_sdk.http.secret_schemas import HIDDEN, OAUTH2, secret_of
from inlet_sdk.ports.described_endpoint import EndpointDescriptor

API = "https://api.github.com"
WEB = "https://github.com"

# GitHub gives a user or an installation 5,000 requests an hour, and lets 100 be under way at once:
# flow and burst together stay within both. Larger installations have more, which an endpoint's
# `rateLimit` says.
RATE_LIMIT: dict[str, Any] = {"requestsPerSecond": 1.25, "burst": 100, "reservedShare": 0.25}

_NUMBER: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{1,20}$", "examples": ["123456"]}

CONFIG_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "baseUrl": {
            "type": "string",
            "default": API,
            "examples": ["https://github.example.com/api/v3"],
            "title": "API address",
            "description": "Address of the API. Of GitHub Enterprise Server: with /api/v3.",
            "x-address": "url",
        },
        "webUrl": {
            "type": "string",
            "default": WEB,
            "examples": ["https://github.example.com"],
            "title": "Site address",
            "description": "Address at which people log in, for OAuth 2.0.",
            "x-address": "url",
        },
        "owner": {
            "type": "string",
            "pattern": "^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$",
            "examples": ["acme"],
            "title": "Owner",
            "description": "User or organisation that is meant where a call names none.",
        },
        "rateLimit": RATE_LIMIT_SCHEMA,
    },
    "additionalProperties": False,
}

DESCRIPTOR = EndpointDescriptor(
    name="github",
    kind="source",
    version="1.0.0",
    title="GitHub",
    description="Issues, pull requests, files, releases and workflows of repositories on GitHub, "
    "by its methods.",
    capabilities=(),
    config_schema=CONFIG_SCHEMA,
    sample_config={"baseUrl": API, "owner": "acme"},
    auth_types=("bearer", "githubApp", "oauth2"),
    secret_schema={
        "bearer": secret_of(token={**HIDDEN, "description": "A personal access token."}),
        "githubApp": secret_of(
            appId={**_NUMBER, "description": "Id of the app."},
            installationId={**_NUMBER, "description": "Id of its installation at the owner."},
            privateKey={**HIDDEN, "description": "The app's private key, as PEM."},
        ),
        "oauth2": OAUTH2,
    },
    rate_limit=RATE_LIMIT,
)
