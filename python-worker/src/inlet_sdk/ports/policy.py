"""A unit's policy (document 002 section 3): the keys that every connector shares, by type, and
beside them what JSON Schema says of each. What a connector adds, it parses itself, from `given`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import jsonschema

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import Mode

RETAIN_STAGING_DAYS = 7
"""The most that `policy.retainStagingDays` may ask for: the bucket's lifecycle deletes what is a
day older.
"""
MERGE_EVERY_MINUTES = 1440
"""The most that `policy.mergeEveryMinutes` may ask for: what waits for its commit is read again
where the run fails, and staging is no place to keep rows.
"""
_NAMES = {"type": "array", "items": {"type": "string"}}
SHARED_KEYS: Mapping[str, dict[str, Any]] = {
    "primaryKeys": _NAMES,
    "cursorField": {"type": "string"},
    "sequenceField": {"type": "string"},
    "filters": {"type": "object"},
    "deletes": {"enum": ["ignore", "soft", "hard"], "default": "ignore"},
    "approveDeletes": {"type": "boolean", "default": False},
    "censusEveryHours": {
        "type": "integer",
        "minimum": 0,
        "maximum": 8760,
        "default": 24,
        "description": "Hours between comparisons of what has landed with what the source shows; "
        "0: every run.",
    },
    "schema": {"enum": ["evolve", "freeze", "quarantine"], "default": "evolve"},
    "keepRaw": {"type": "boolean", "default": True},
    "allowEmpty": {
        "type": "boolean",
        "default": False,
        "description": "Lets a full run that reads nothing go on: the source really is empty. "
        "Landed rows go as `deletes` and `approveDeletes` have it.",
    },
    "stagingProviderId": {"enum": ["object_store", "in_memory"], "default": "object_store"},
    "retainStagingDays": {
        "type": "integer",
        "minimum": 0,
        "maximum": RETAIN_STAGING_DAYS,
        "default": 0,
        "description": "Days after the end of a run that it can be replayed.",
    },
    "mergeEveryMinutes": {
        "type": "integer",
        "minimum": 1,
        "maximum": MERGE_EVERY_MINUTES,
        "description": "Minutes between merges of a unit that is read more often: what the runs of "
        "its schedule read in between is staged, and lands with one commit.",
    },
    "transform": {
        "type": "object",
        "required": ["tool"],
        "properties": {
            "tool": {"enum": ["duckdb", "pandas", "spark"]},
            "sql": {
                "type": "string",
                "minLength": 1,
                "maxLength": 20_000,
                "description": "One SELECT over the table `rows`; for duckdb alone.",
            },
            "function": {
                "type": "string",
                "maxLength": 300,
                "pattern": "^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$",
                "description": "`<package>.<module>:<name>` of an installed transform; for pandas "
                "and spark.",
            },
            "filters": {
                "type": "boolean",
                "default": False,
                "description": "Lets the transform leave rows out.",
            },
        },
        "additionalProperties": False,
        "description": "Makes the rows that land of the rows that were read (docs/transforms.md).",
    },
}
"""JSON Schema of each shared key, as a unit's `policySchema` offers it."""
_VALIDATOR = jsonschema.Draft202012Validator({"type": "object", "properties": dict(SHARED_KEYS)})
Deletes = Literal["ignore", "soft", "hard"]
SchemaDrift = Literal["evolve", "freeze", "quarantine"]
FULL_DELETES: Deletes = "soft"
"""What a unit that is read in full by default does with what is gone, where nothing is said and the
sink can.
"""


TransformTool = Literal["duckdb", "pandas", "spark"]


@dataclass(frozen=True)
class TransformPolicy:
    """`policy.transform`: a query for duckdb, a function for the others. filters: it may leave rows
    out.
    """

    tool: TransformTool
    sql: str | None = None
    function: str | None = None
    filters: bool = False

    @classmethod
    def parse(cls, given: Mapping[str, Any] | None) -> TransformPolicy | None:
        """Of JSON that the schema allows. Raises FatalError `CONFIG_INVALID` where the tool runs
        another kind of program.
        """
        if given is None:
            return None
        tool: TransformTool = given["tool"]
        wanted, other = ("sql", "function") if tool == "duckdb" else ("function", "sql")
        if wanted not in given or other in given:
            raise FatalError(
                "CONFIG_INVALID",
                f"{tool} runs a {'query' if wanted == 'sql' else 'function'}: give "
                f"policy.transform.{wanted}, and no {other}.",
                details={"field": f"policy.transform.{wanted}"},
            )
        return cls(tool, given.get("sql"), given.get("function"), bool(given.get("filters", False)))


def planned_deletes(
    given: Mapping[str, Any], default_mode: Mode, of_sink: Collection[str]
) -> dict[str, Any]:
    """A policy as a run is planned by it: one that does not name `deletes` gets the default of the
    unit, as far as the sink can, and none where a transform leaves rows out.
    `core/planned-policy.ts` does the same.
    """
    if "deletes" in given:
        return dict(given)
    filters = (given.get("transform") or {}).get("filters", False)
    can = default_mode == "FULL" and FULL_DELETES in of_sink and not filters
    deletes = FULL_DELETES if can else "ignore"
    return {**given, "deletes": deletes}


@dataclass(frozen=True)
class Policy:
    """What the pipeline and the sinks obey. `given` is the whole policy as it was configured."""

    primary_keys: tuple[str, ...] = ()
    cursor_field: str | None = None
    sequence_field: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    deletes: Deletes = "ignore"
    approve_deletes: bool = False
    census_every_hours: int = 24
    schema: SchemaDrift = "evolve"
    keep_raw: bool = True
    allow_empty: bool = False
    staging_provider_id: str = "object_store"
    retain_staging_days: int = 0
    merge_every_minutes: int | None = None
    transform: TransformPolicy | None = None
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, given: Policy | Mapping[str, Any]) -> Policy:
        """Of a policy's JSON. Raises FatalError `CONFIG_INVALID` naming the key at fault."""
        if isinstance(given, Policy):
            return given

        fault = next(iter(_VALIDATOR.iter_errors(dict(given))), None)
        if fault is not None:
            name = ".".join(["policy", *map(str, fault.absolute_path)])
            raise FatalError(
                "CONFIG_INVALID",
                f"`{name}` breaks the rule `{fault.validator}` of every policy. Correct it.",
                details={"field": name, "rule": str(fault.validator)},
            )
        return cls(
            primary_keys=tuple(given.get("primaryKeys", ())),
            cursor_field=given.get("cursorField"),
            sequence_field=given.get("sequenceField"),
            filters=given.get("filters", {}),
            deletes=given.get("deletes", "ignore"),
            approve_deletes=given.get("approveDeletes", False),
            census_every_hours=int(given.get("censusEveryHours", 24)),
            schema=given.get("schema", "evolve"),
            keep_raw=given.get("keepRaw", True),
            allow_empty=given.get("allowEmpty", False),
            staging_provider_id=given.get("stagingProviderId", "object_store"),
            retain_staging_days=int(given.get("retainStagingDays", 0)),
            merge_every_minutes=given.get("mergeEveryMinutes"),
            transform=TransformPolicy.parse(given.get("transform")),
            given=dict(given),
        )

    @property
    def wants_deletes(self) -> bool:
        """Whether what is gone from the source is to go from the sink."""
        return self.deletes != "ignore"
