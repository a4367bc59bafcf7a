"""What the pipeline keeps in a checkpoint beside the source's own members of the cursor: one member
for each concern, parsed and written by that concern alone. A source that hands on a new cursor
knows nothing of them, so they are carried over here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from inlet_sdk.ports.checkpoint import Checkpoint

CENSUS = "census"
IDENTITY = "identity"
MAPPING = "mapping"
QUARANTINE = "quarantine"
MEMBERS = (CENSUS, IDENTITY, MAPPING, QUARANTINE)


def kept(checkpoint: Checkpoint | None, member: str) -> Mapping[str, Any]:
    """A member's JSON; empty where there is none yet."""
    found = checkpoint.cursor.get(member) if checkpoint else None
    return found if isinstance(found, Mapping) else {}


def with_kept(checkpoint: Checkpoint, member: str, value: Mapping[str, Any]) -> Checkpoint:
    """The checkpoint with another value of a member; an empty one leaves it out."""
    others = {name: part for name, part in checkpoint.cursor.items() if name != member}
    return replace(checkpoint, cursor={**others, member: dict(value)} if value else others)


def carried(before: Checkpoint | None, reached: Checkpoint | None) -> Checkpoint:
    """What was reached, with the members of before. A unit without a cursor reaches none: its
    checkpoint has the members alone.
    """
    after = reached or Checkpoint({"position": None}, None)
    if before is None:
        return after
    own = {name: before.cursor[name] for name in MEMBERS if name in before.cursor}
    return replace(after, cursor={**own, **after.cursor})
