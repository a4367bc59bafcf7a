"""What a source's records are in the knowledge base: entities by the vendor's own ids, and how they
hang together. Metadata only: no bodies, and of people nothing but who they are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol, runtime_checkable

TEXT_CHARACTERS = 300
_ID = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True)
class RelationMap:
    """The entity whose id stands in `column`; a row without a value, or with a placeholder, has no
    such relation.
    """

    type: str
    entity_type: str
    column: str
    placeholders: frozenset[str] = frozenset()


@dataclass(frozen=True)
class EntityMap:
    """How the rows of a dataset become entities: `payload` is column by name."""

    entity_type: str
    key: str
    payload: Mapping[str, str]
    relations: tuple[RelationMap, ...] = field(default=())

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read; a table may lack any but the key."""
        return tuple(
            dict.fromkeys((self.key, *self.payload.values(), *(r.column for r in self.relations)))
        )

    def entity(self, row: Mapping[str, Any], cursor: Any) -> dict[str, Any]:
        """A NormalizedRecord of `schemas/knowledge-node.ts`. `cursor` orders the versions of the
        record.
        """
        payload = {name: _plain(row.get(column)) for name, column in self.payload.items()}

        return {
            "entityType": self.entity_type,
            "id": entity_id(row[self.key]),
            "cursor": None if cursor is None else str(_plain(cursor)),
            "payload": {name: value for name, value in payload.items() if value is not None},
            "relations": [
                {"type": relation.type, "entityType": relation.entity_type, "id": entity_id(target)}
                for relation in self.relations
                if (target := row.get(relation.column)) and target not in relation.placeholders
            ],
        }


@runtime_checkable
class SupportsEntities(Protocol):
    """Sources of which some units can enrich the knowledge base."""

    def entity_map(self, unit_id: str) -> EntityMap | None:
        """None for a unit whose records are no entities."""


def entity_id(value: Any) -> str:
    """The vendor's id; of one that is no plain text, or endless, its hash."""
    text = str(value)
    return text if _ID.fullmatch(text) else hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value[:TEXT_CHARACTERS]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
