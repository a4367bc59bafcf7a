"""What a checkpoint and a table are of: the source system, its scope, the sink's place and the
making of the table. Pure.

The checkpoint has it as its member `identity`, the table as facts of its commits, so that neither a
reset nor another sink forgets which system has landed where.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.sink_endpoint import LandedTarget, SinkEndpoint, SinkTarget
from inlet_sdk.ports.source_identity import Scope, System
from inlet_worker.pipeline.kept_members import IDENTITY, kept, with_kept

SYSTEM_FACT = "identity.system"
SINCE_FACT = "identity.since"
REPLACED_FACT = "identity.replaced"
KNOWLEDGE_BASE = "kb"


@dataclass(frozen=True)
class Identity:
    """place: hash of where the sink writes. made: the making of the table, empty where a commit is
    not heard of yet. since: epoch of the run from which on all is of this system: what was staged
    or set aside before it may be of another one.
    """

    system: System
    scope: Scope
    place: str
    made: str = ""
    since: int = 0

    @classmethod
    def of(cls, checkpoint: Checkpoint | None) -> Identity | None:
        """None for no checkpoint, one of an earlier release, and an order to replace."""
        stored = kept(checkpoint, IDENTITY)
        if "place" not in stored:
            return None
        scope = stored.get("scope")
        return cls(
            dict(stored.get("system") or {}),
            None if scope is None else tuple(scope),
            stored["place"],
            stored.get("made") or "",
            int(stored.get("since") or 0),
        )

    def within(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint as one of this identity."""
        return with_kept(checkpoint, IDENTITY, self.dump())

    def dump(self) -> dict[str, Any]:
        return {
            "system": dict(self.system),
            "scope": None if self.scope is None else list(self.scope),
            "place": self.place,
            "made": self.made,
            "since": self.since,
        }

    def is_elsewhere(self, now: Identity) -> bool:
        """Whether this is of another place, or of another making of the table."""
        if self.place != now.place:
            return True
        return bool(self.made) and self.made != now.made


def replaces(checkpoint: Checkpoint | None) -> bool:
    """Whether a person ordered that what has landed is replaced (`POST …/reset`)."""
    return kept(checkpoint, IDENTITY).get("replace") is True


def place_of(sink: SinkEndpoint | None) -> str:
    """In the words of a fingerprint: no address, no bucket is told."""
    if sink is None:
        return KNOWLEDGE_BASE
    return hashlib.sha256(sink.place.encode()).hexdigest()[:32]


def contradict(before: System, now: System) -> bool:
    """Whether the first kind of id that both know, the strongest first, differs."""
    for kind, value in now.items():
        if kind in before:
            return before[kind] != value
    return False


def named(system: System) -> str:
    """For people."""
    return ", ".join(f"{kind} {value}" for kind, value in system.items()) or "unknown"


def system_of(landed: LandedTarget | None) -> System:
    """What a target says it has landed of."""
    text = landed.facts.get(SYSTEM_FACT) if landed else None
    stored = orjson.loads(text) if text else {}
    return {str(kind): str(value) for kind, value in stored.items()}


def since_of(landed: LandedTarget | None) -> int | None:
    """From which run on a target is of its system; None where it does not say."""
    text = landed.facts.get(SINCE_FACT) if landed else None
    return int(text) if text else None


def began_at(sink: SinkEndpoint, target: SinkTarget) -> int:
    """Epoch of the run from which on all that lands in a target is of its system; 0 for any."""
    return since_of(sink.landed_target(target)) or 0


def facts_of(identity: Identity, replaced_by: str | None) -> Mapping[str, str]:
    """For the target. `replaced_by`: the run that replaces what has landed."""
    facts = {SINCE_FACT: str(identity.since)}
    if identity.system:
        facts[SYSTEM_FACT] = orjson.dumps(dict(identity.system)).decode()
    return facts if replaced_by is None else {**facts, REPLACED_FACT: replaced_by}


def added_to(before: Scope, now: Scope) -> Scope:
    """Groups that are read now and were not before; empty for none, None for all."""
    if before is None:
        return ()
    if now is None:
        return None
    return tuple(group for group in now if group not in before)
