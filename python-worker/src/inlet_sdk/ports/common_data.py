"""The Common Data Model: a few entities with closed, typed fields, and how rows of a source's unit
become records of one (docs/cdm.md). A mapping is pure and has a version: the same row gives the
same record, until whoever changes it raises the version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from inlet_sdk.ports.described_endpoint import CommonDataDescriptor, FieldDescriptor
from inlet_sdk.ports.source_endpoint import Row

KEY = "id"
ORIGIN = ("source_system", "source_endpoint")
"""Fields that say whose record it is: the connector, and the endpoint. With `id` they name a record
among all of a tenant's.
"""


def _fields(**described: str) -> tuple[FieldDescriptor, ...]:
    """`name="type description"`."""
    own = [
        FieldDescriptor(name, text.split(" ", 1)[0], name != KEY, text.partition(" ")[2])
        for name, text in described.items()
    ]
    return (
        *own,
        FieldDescriptor(ORIGIN[0], "string", False, "The connector."),
        FieldDescriptor(ORIGIN[1], "string", False, "The endpoint's slug."),
    )


ENTITIES: Mapping[str, tuple[FieldDescriptor, ...]] = {
    "work_item": _fields(
        id="string The vendor's own id.",
        key="string What people call it; it may change.",
        title="string",
        description="string Plain text.",
        type="string Task, bug, story, request, as the vendor calls it.",
        status="string",
        priority="string",
        resolution="string",
        project_id="string",
        project_key="string",
        parent_id="string The work item that it is a part of.",
        assignee_id="string",
        reporter_id="string",
        creator_id="string",
        labels="json A list of texts.",
        created_at="timestamp",
        updated_at="timestamp",
        resolved_at="timestamp",
        due_on="date",
        estimated_seconds="long",
        remaining_seconds="long",
        spent_seconds="long",
    ),
    "person": _fields(
        id="string The vendor's own id.",
        display_name="string Not unique.",
        email="string",
        kind="string A person, an app, a customer, as the vendor calls it.",
        is_active="boolean",
        time_zone="string",
        locale="string",
    ),
    "project": _fields(
        id="string The vendor's own id.",
        key="string What people call it; it may change.",
        name="string",
        kind="string",
        category="string",
        is_private="boolean",
    ),
    "comment": _fields(
        id="string The vendor's own id.",
        work_item_id="string",
        work_item_key="string",
        project_id="string",
        author_id="string",
        editor_id="string Who changed it last.",
        body="string Plain text.",
        is_public="boolean Whether customers see it.",
        created_at="timestamp",
        updated_at="timestamp",
    ),
    "work_log": _fields(
        id="string The vendor's own id.",
        work_item_id="string",
        author_id="string",
        editor_id="string Who changed it last.",
        comment="string Plain text.",
        started_at="timestamp",
        spent_seconds="long",
        created_at="timestamp",
        updated_at="timestamp",
    ),
}
"""By entity. A field is added at the end of its list, and never changes its type or its meaning."""


@dataclass(frozen=True)
class FieldSource:
    """What a field is made of. Without `make` it is the column's value as it is."""

    column: str
    make: Callable[[Any], Any] | None = None


def made(column: str, make: Callable[[Any], Any]) -> FieldSource:
    """A field that `make` makes of a column's value, which is never None."""
    return FieldSource(column, make)


@dataclass(frozen=True)
class CommonMap:
    """How rows of one unit become records of `entity`. `fields`: column or FieldSource by field.
    Raises ValueError for a field that the entity lacks, and for one without an id.
    """

    entity: str
    version: int
    fields: Mapping[str, str | FieldSource]

    def __post_init__(self) -> None:
        known = {field.name for field in ENTITIES[self.entity]}
        unknown = sorted(set(self.fields) - known | set(self.fields) & set(ORIGIN))
        if unknown or KEY not in self.fields:
            raise ValueError(f"{self.entity}: {', '.join(unknown) or KEY} cannot be mapped so")

    @property
    def sources(self) -> dict[str, FieldSource]:
        return {
            name: source if isinstance(source, FieldSource) else FieldSource(source)
            for name, source in self.fields.items()
        }

    @property
    def copies(self) -> dict[str, str]:
        """Field by column, of the columns that are there as they are."""
        return {one.column: name for name, one in self.sources.items() if one.make is None}

    def descriptor(self) -> CommonDataDescriptor:
        fields = {name: source.column for name, source in self.sources.items()}
        return CommonDataDescriptor(self.entity, self.version, fields)

    def record(self, row: Row) -> dict[str, Any]:
        """The record of a row, without its origin. What the row lacks is left out. Raises
        ValueError for a value of which the mapping can make nothing.
        """
        found: dict[str, Any] = {}
        for name, source in self.sources.items():
            value = row.get(source.column)
            if value is None:
                continue
            value = source.make(value) if source.make else value
            if value is not None:
                found[name] = value
        return found
