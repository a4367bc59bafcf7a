"""The manifest entry of the Zoho People connector. TypeScript calls its methods (decision 1)."""

from __future__ import annotations

from typing import Any

from inlet_sdk.http.budget.limits import RATE_LIMIT_SCHEMA
from inlet_sdk.http.secret_schemas import OAUTH2_CLIENT
from inlet_sdk.ports.described_endpoint import EndpointDescriptor

DATA_CENTERS = ("com", "eu", "in", "com.au", "com.cn", "jp", "sa", "uk")

# Zoho People takes 400 requests of an address in a minute and answers none of the next five
# minutes to who asks more: flow and burst together stay below, at whichever address. The cap of a
# day depends on the plan and on the number of users: an endpoint's `rateLimit` says less.
RATE_LIMIT: dict[str, Any] = {"requestsPerSecond": 5, "burst": 40, "reservedShare": 0.25}


def _url(example: str, title: str, description: str) -> dict[str, Any]:
    return {
        "type": "string",
        "examples": [example],
        "title": title,
        "description": description,
        "x-address": "url",
    }


CONFIG_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "dataCenter": {
            "enum": list(DATA_CENTERS),
            "title": "Data centre",
            "description": "Where the organisation is: the end of its address, people.zoho.<…>. "
            "The credential is of this data centre too.",
            "x-routes": True,
        },
        "baseUrl": _url(
            "https://people.zoho.eu",
            "Address",
            "Of Zoho People. Default: that of the data centre.",
        ),
        "accountsUrl": _url(
            "https://accounts.zoho.eu",
            "Accounts address",
            "Where tokens are made. Default: that of the data centre.",
        ),
        "rateLimit": RATE_LIMIT_SCHEMA,
    },
    "required": ["dataCenter"],
    "additionalProperties": False,
}

DESCRIPTOR = EndpointDescriptor(
    name="zoho_people",
    kind="source",
    version="1.0.0",
    title="Zoho People",
    description="Forms, records, leave and attendance of an organisation in Zoho People, by its "
    "methods.",
    capabilities=(),
    config_schema=CONFIG_SCHEMA,
    sample_config={"dataCenter": "eu"},
    auth_types=("oauth2",),
    secret_schema={"oauth2": OAUTH2_CLIENT},
    rate_limit=RATE_LIMIT,
)
