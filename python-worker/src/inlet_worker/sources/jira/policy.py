"""What a unit's policy may say, and its values with the defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.staging_provider import RETAIN_STAGING_DAYS
from inlet_worker.sources.jira.cursor import HOUR_MS, Windows
from inlet_worker.sources.jira.jql import MINUTE_MS

PROJECT_KEY = {
    "type": "string",
    "pattern": "^[A-Za-z][A-Za-z0-9_]{0,254}$",
    "description": "A project's key: a letter, then letters, digits and underscores.",
    "examples": ["DEMO"],
}
PROJECT_KEYS = {
    "type": "array",
    "items": PROJECT_KEY,
    "minItems": 1,
    "maxItems": 500,
    "uniqueItems": True,
}


CENSUS = {
    "censusEveryHours": {
        "type": "integer",
        "minimum": 0,
        "maximum": 8760,
        "default": 24,
        "description": "Hours between comparisons of what has landed with what the source shows; 0: every run.",
    },
    "approveDeletes": {
        "type": "boolean",
        "default": False,
        "description": "Lets a run delete more than 5 % of what has landed, and whole projects.",
    },
}

ALLOW_EMPTY = {
    "type": "boolean",
    "default": False,
    "description": "Lets a full run that reads nothing empty what has landed: the source really is empty.",
}


def policy_schema(
    primary_keys: list[str], cursor_field: str | None, *, by_project: bool
) -> dict[str, Any]:
    """The JSON Schema of one unit's policy. Keys and cursor are the vendor's own, so they have one
    value each.
    """
    filters: dict[str, Any] = {"projectKeys": PROJECT_KEYS} if by_project else {}
    properties: dict[str, Any] = {
        "primaryKeys": {"const": primary_keys, "description": "The vendor's own key."},
        "filters": {"type": "object", "properties": filters, "additionalProperties": False},
        "deletes": {"enum": ["ignore", "soft", "hard"], "default": "ignore"},
        **(CENSUS if cursor_field else {}),
        "schema": {"enum": ["evolve", "freeze", "quarantine"], "default": "evolve"},
        "keepRaw": {"type": "boolean", "default": True},
        "stagingProviderId": {"enum": ["object_store", "in_memory"], "default": "object_store"},
        "retainStagingDays": {
            "type": "integer",
            "minimum": 0,
            "maximum": RETAIN_STAGING_DAYS,
            "default": 0,
            "description": "Days after a run's end that it can be replayed.",
        },
        "allowEmpty": ALLOW_EMPTY,
    }
    if cursor_field:
        properties["cursorField"] = {"const": cursor_field}
        properties["overlapMinutes"] = {
            "type": "integer",
            "minimum": 1,
            "maximum": 1440,
            "default": 5,
            "description": "Minutes before the checkpoint that every run reads again: search is late.",
        }
        properties["trailingHours"] = {
            "type": "integer",
            "minimum": 0,
            "maximum": 168,
            "default": 12,
            "description": "Hours before the checkpoint that one run an hour reads again.",
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


@dataclass(frozen=True)
class JiraPolicy:
    """The parts of a policy that the source obeys; the rest is the pipeline's and the sink's."""

    project_keys: tuple[str, ...] | None
    windows: Windows
    deletes: bool = False
    approve_deletes: bool = False


def read_policy(policy: Mapping[str, Any], schema: dict[str, Any]) -> JiraPolicy:
    """Raises FatalError `CONFIG_INVALID` naming the member at fault."""
    check(policy, schema, "policy")
    keys = policy.get("filters", {}).get("projectKeys")
    return JiraPolicy(
        project_keys=None if keys is None else tuple(keys),
        windows=Windows(
            overlap_ms=int(policy.get("overlapMinutes", 5)) * MINUTE_MS,
            trailing_ms=int(policy.get("trailingHours", 12)) * HOUR_MS,
        ),
        deletes=policy.get("deletes", "ignore") != "ignore",
        approve_deletes=bool(policy.get("approveDeletes", False)),
    )


def check(value: Any, schema: dict[str, Any], name: str) -> None:
    """Raises FatalError `CONFIG_INVALID` with the path of the first fault, never its value."""
    fault = next(iter(jsonschema.Draft202012Validator(schema).iter_errors(value)), None)
    if fault is not None:
        path = ".".join([name, *map(str, fault.absolute_path)])
        raise FatalError(
            "CONFIG_INVALID",
            f"`{path}` breaks the rule `{fault.validator}` of the {name}'s schema. Correct it.",
            details={"field": path, "rule": str(fault.validator)},
        )
