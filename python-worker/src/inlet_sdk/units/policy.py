"""What a unit's policy may say, and what of it the reading of a source obeys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import jsonschema

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.policy import FULL_DELETES, SHARED_KEYS, Policy
from inlet_sdk.units.change_cursor import HOUR_MS, MINUTE_MS, Windows

OF_EVERY_UNIT = (
    "schema",
    "keepRaw",
    "stagingProviderId",
    "retainStagingDays",
    "allowEmpty",
    "transform",
)
_WINDOWS = {
    "overlapMinutes": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1440,
        "default": 5,
        "description": "Minutes before the checkpoint that every run reads again, since search "
        "is late.",
    },
    "trailingHours": {
        "type": "integer",
        "minimum": 0,
        "maximum": 168,
        "default": 12,
        "description": "Hours before the checkpoint that one run an hour reads again.",
    },
}


@dataclass(frozen=True)
class GroupFilter:
    """`policy.filters.<name>` names the groups of a site (projects, repositories) that a unit
    reads. The endpoint's config has the same key, as a bound of all its units.

    schema: JSON Schema of the list of groups. plural: what people call them.
    """

    name: str
    schema: dict[str, Any]
    plural: str

    def of(self, holder: Mapping[str, Any]) -> tuple[str, ...] | None:
        """The groups named in a config or in the filters of a policy; None where all are meant."""
        named = holder.get(self.name)
        return None if named is None else tuple(named)


def policy_schema(
    primary_keys: list[str], cursor_field: str | None, groups: GroupFilter | None
) -> dict[str, Any]:
    """The JSON Schema of one unit's policy. Keys and cursor are the vendor's own, so they have one
    value each.
    """
    filters = {groups.name: groups.schema} if groups else {}
    properties: dict[str, Any] = {
        "primaryKeys": {"const": primary_keys, "description": "The vendor's own key."},
        "filters": {"type": "object", "properties": filters, "additionalProperties": False},
        **_deletes(cursor_field, groups),
        **{name: SHARED_KEYS[name] for name in OF_EVERY_UNIT},
    }
    if cursor_field:
        properties["cursorField"] = {"const": cursor_field}
        properties |= _WINDOWS
        properties["mergeEveryMinutes"] = SHARED_KEYS["mergeEveryMinutes"]

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


@dataclass(frozen=True)
class ReadingPolicy:
    """The parts of a policy that a reading obeys; the rest is the pipeline's and the sink's.

    groups: what is read; None means all that the account sees. deletes: tombstones are wanted.
    """

    groups: tuple[str, ...] | None = None
    windows: Windows = field(default_factory=Windows)
    deletes: bool = False
    approve_deletes: bool = False

    @classmethod
    def parse(cls, policy: Policy, groups: GroupFilter | None) -> ReadingPolicy:
        """Of a policy that its unit's schema allows."""
        own = policy.given
        return cls(
            groups=groups.of(policy.filters) if groups else None,
            windows=Windows(
                overlap_ms=int(own.get("overlapMinutes", 5)) * MINUTE_MS,
                trailing_ms=int(own.get("trailingHours", 12)) * HOUR_MS,
            ),
            deletes=policy.wants_deletes,
            approve_deletes=policy.approve_deletes,
        )

    def within(self, allowed: Sequence[str] | None, groups: GroupFilter | None) -> ReadingPolicy:
        """The same within the endpoint's own groups. Raises FatalError `CONFIG_INVALID` for one
        outside them.
        """
        if allowed is None or groups is None:
            return self

        outside = [group for group in self.groups or () if group not in allowed]
        if outside:
            raise FatalError(
                "CONFIG_INVALID",
                f"The policy filters on {groups.plural} outside the endpoint's {groups.name}: "
                f"{', '.join(outside)}. Drop them.",
                details={"field": f"policy.filters.{groups.name}"},
            )
        return replace(self, groups=self.groups or tuple(allowed))


def _deletes(cursor_field: str | None, groups: GroupFilter | None) -> dict[str, Any]:
    """A unit that is read in full has its census with each reading."""
    whole = f", and whole {groups.plural}" if groups else ""
    approve = {
        **SHARED_KEYS["approveDeletes"],
        "description": "Lets a run delete more than 100 records and 5 % of what has "
        f"landed{whole}, and replace a snapshot of files by one that lacks as many.",
    }
    if cursor_field is None:
        deletes = {
            **SHARED_KEYS["deletes"],
            "default": FULL_DELETES,
            "description": "What becomes of rows whose record is proven to be gone. The default "
            "holds where the sink can delete; elsewhere it is ignore.",
        }
        return {"deletes": deletes, "approveDeletes": approve}
    return {
        "deletes": SHARED_KEYS["deletes"],
        "censusEveryHours": SHARED_KEYS["censusEveryHours"],
        "approveDeletes": approve,
    }


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
