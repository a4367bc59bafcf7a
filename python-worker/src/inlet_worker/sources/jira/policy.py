"""What the policies and the config of Jira say beyond what is said for every source."""

from __future__ import annotations

from inlet_sdk.units.policy import GroupFilter

_PROJECT_KEY = {
    "type": "string",
    "pattern": "^[A-Za-z][A-Za-z0-9_]{0,254}$",
    "description": "A project's key: a letter, then letters, digits and underscores.",
    "examples": ["DEMO"],
}
PROJECT_KEYS = {
    "type": "array",
    "items": _PROJECT_KEY,
    "minItems": 1,
    "maxItems": 500,
    "uniqueItems": True,
}
BY_PROJECT = GroupFilter("projectKeys", PROJECT_KEYS, "projects")
