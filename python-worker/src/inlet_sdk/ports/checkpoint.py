"""How far a unit has been landed: NextCheckpoint of `schemas/checkpoint.ts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inlet_sdk.errors import FatalError

Cursor = Mapping[str, Any]
"""JSON of the source's own, opaque outside it, but for two members: `position` (epoch ms or None),
and `census`, which is the pipeline's (`pipeline/census_state.py`).
"""


@dataclass(frozen=True)
class Checkpoint:
    """`position` is the monotone part of the cursor, None where it has none."""

    cursor: Cursor
    position: float | None

    @classmethod
    def of(cls, cursor: Cursor) -> Checkpoint:
        """The checkpoint of a source's cursor."""
        return cls(cursor, cursor.get("position"))

    @classmethod
    def parse(cls, given: Checkpoint | Mapping[str, Any]) -> Checkpoint:
        """Of its JSON. Raises FatalError `INTERNAL` naming the member at fault."""
        if isinstance(given, Checkpoint):
            return given

        cursor, position = given.get("cursor"), given.get("position")
        if not isinstance(cursor, Mapping):
            raise _damaged("cursor")
        if not (position is None or isinstance(position, int | float)):
            raise _damaged("position")
        return cls(cursor, position)

    def dump(self) -> dict[str, Any]:
        return {"cursor": self.cursor, "position": self.position}

    def is_behind(self, other: Checkpoint) -> bool:
        """Whether both have a position, and this one is the earlier."""
        if self.position is None or other.position is None:
            return False
        return self.position < other.position


def _damaged(member: str) -> FatalError:
    return FatalError(
        "INTERNAL",
        f"`checkpoint.{member}` is not what a run leaves. Roll the checkpoint back, or reset it.",
        details={"field": f"checkpoint.{member}"},
    )
