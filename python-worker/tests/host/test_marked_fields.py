"""An address that a schema does not mark is not judged: so every field that looks like one is
marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from inlet_worker.host.manifest import connector_manifest

LOOKS_LIKE_AN_ADDRESS = re.compile(
    r"(url|uri|href|link|host|hostname|endpoint|address|server|domain|site|broker|proxy|gateway"
    r"|issuer|authority)s?$",
    re.IGNORECASE,
)
NO_ADDRESSES = {("warehouse.iceberg", "uri")}
"""The file of a SQLite catalogue, which only a stack on one machine takes."""


def fields(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, list):
        for inner in schema:
            yield from fields(inner, path)
    if not isinstance(schema, dict):
        return
    for name, inner in schema.get("properties", {}).items():
        if isinstance(inner, dict):
            yield f"{path}{name}", inner
        yield from fields(inner, f"{path}{name}.")
    for keyword in ("items", "additionalProperties", "anyOf", "allOf", "oneOf", "then", "else"):
        yield from fields(schema.get(keyword), path)


def test_no_secret_and_no_policy_names_an_address() -> None:
    """Neither passes the guard when it is saved: an address there needs it first."""
    schemas = [
        (connector["name"], schema)
        for connector in connector_manifest()["connectors"]
        for schema in [
            *connector["secretSchema"].values(),
            *(unit["policySchema"] for unit in connector["units"]),
        ]
    ]
    looks_like = [
        (name, path)
        for name, schema in schemas
        for path, _ in fields(schema)
        if LOOKS_LIKE_AN_ADDRESS.search(path)
    ]
    assert schemas
    assert looks_like == []


def test_every_field_that_looks_like_an_address_is_marked() -> None:
    looks_like = {
        (connector["name"], path): schema
        for connector in connector_manifest()["connectors"]
        for path, schema in fields(connector["configSchema"])
        if LOOKS_LIKE_AN_ADDRESS.search(path)
        or schema.get("format") in ("uri", "hostname", "ipv4", "ipv6")
    }
    unmarked = [field for field, schema in looks_like.items() if "x-address" not in schema]
    assert set(unmarked) - NO_ADDRESSES == set()
    assert {"baseUrl", "gatewayUrl", "endpointUrl"} <= {path for _, path in looks_like}
