"""Which values of a config are addresses: those that the connector's schema marks with `x-address`.
The same law as `core/config-addresses.ts`, held to it by
`schemas/examples/egress/config-addresses.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

KEYWORD = "x-address"
_BRANCHES = ("allOf", "anyOf", "oneOf")
_CONDITIONS = ("if", "then", "else")


def config_addresses(
    schema: Mapping[str, Any], config: Any, path: str = ""
) -> dict[str, tuple[Any, str]]:
    """Every address of a config by its path, with the schema's default where one is left out, and
    the kind of each: `url`, or `host` for a server that is no URL.
    """
    return dict(_addresses_at(schema, config, path, schema))


def _addresses_at(
    schema: Any, value: Any, path: str, root: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[Any, str]]]:
    """A value is an address when any branch says so: a branch that does not apply costs a refusal,
    a missed one a leak.
    """
    if not isinstance(schema, Mapping):
        return
    if KEYWORD in schema:
        yield path, (value, "host" if schema[KEYWORD] == "host" else "url")

    if isinstance(schema.get("$ref"), str):
        yield from _addresses_at(_referred(root, schema["$ref"]), value, path, root)
    for branch in [one for name in _BRANCHES for one in schema.get(name, ())] + [
        schema.get(n) for n in _CONDITIONS
    ]:
        yield from _addresses_at(branch, value, path, root)

    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _addresses_at(schema.get("items"), item, f"{path}[{at}]", root)
    if isinstance(value, Mapping):
        yield from _member_addresses(schema, value, path, root)


def _member_addresses(
    schema: Mapping[str, Any], value: Mapping[str, Any], path: str, root: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[Any, str]]]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    patterns: Mapping[str, Any] = schema.get("patternProperties", {})
    prefix = f"{path}." if path else ""

    for name, item in value.items():
        fitting = [inner for pattern, inner in patterns.items() if re.search(pattern, name)]
        if name in properties:
            fitting.append(properties[name])
        for inner in fitting or [schema.get("additionalProperties")]:
            yield from _addresses_at(inner, item, prefix + name, root)

    for name, inner in properties.items():
        if name not in value and isinstance(inner, Mapping) and "default" in inner:
            yield from _addresses_at(inner, inner["default"], prefix + name, root)


def _referred(root: Mapping[str, Any], ref: str) -> Any:
    found: Any = root
    for name in ref.split("/")[1:]:
        found = (
            found.get(name.replace("~1", "/").replace("~0", "~"))
            if isinstance(found, Mapping)
            else None
        )
    return found
