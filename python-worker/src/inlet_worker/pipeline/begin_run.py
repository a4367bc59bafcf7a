"""What a run begins with: checkpoint and table are compared with the source and the sink at hand,
before anything is read. Another source is refused, another target starts from nothing, a wider
scope is owed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import Evidence, IngestionUnitResult
from inlet_sdk.ports.sink_endpoint import LandedTarget, SinkEndpoint, SinkTarget
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_sdk.ports.source_identity import Scope, SupportsIdentity, SupportsScope, System
from inlet_worker.pipeline.identity import (
    REPLACED_FACT,
    Identity,
    added_to,
    contradict,
    facts_of,
    named,
    place_of,
    replaces,
    since_of,
    system_of,
)

CARRIED = "identity"
"""Beside the other members of a continuation: what the source said when the reading began."""


@dataclass(frozen=True)
class Begun:
    """checkpoint: to go on from; None where the unit starts from nothing. replaces: the commit at
    hand is to replace all that has landed. evidence: of the run's first slice. is_asked: the source
    has said what it is, or that it does not say; else a stop came first. landed: the target as it
    was found.
    """

    checkpoint: Checkpoint | None
    identity: Identity
    run_id: str
    replaces: bool = False
    evidence: tuple[Evidence, ...] = ()
    is_asked: bool = True
    landed: LandedTarget | None = None

    @property
    def facts(self) -> Mapping[str, str]:
        return facts_of(self.identity, self.run_id if self.replaces else None)

    def reads_from(self, after: Checkpoint | None) -> Checkpoint | None:
        """The checkpoint that a reading goes on from: `after`, where readings of its window wait.
        Raises FatalError `SINK_REJECTED` when what has landed before them is gone meanwhile.
        """
        if after is None:
            return self.checkpoint
        if self.checkpoint is None:
            raise FatalError(
                "SINK_REJECTED",
                "The unit's table is gone or new, or its sink is another one, since the run "
                "began. What it has staged is dropped. Run the unit again: it starts from nothing.",
            )
        return after

    def carried_on(self, result: IngestionUnitResult) -> IngestionUnitResult:
        """The slice's answer, with what the next slice has to know and the first one has to say."""
        result = replace(result, evidence=(*self.evidence, *result.evidence))
        if result.done or not self.is_asked:
            return result
        asked: dict[str, Any] = {
            "system": dict(self.identity.system),
            "since": self.identity.since,
        }
        if result.outcome == "STAGED":
            asked["again"] = True
        return replace(result, resume={**(result.resume or {}), CARRIED: asked})


def begin_run(
    source: SourceEndpoint,
    sink: SinkEndpoint | None,
    target: SinkTarget | None,
    checkpoint: Checkpoint | None,
    policy: Policy,
    context: IngestionContext,
) -> Begun:
    """Of a slice. Every slice begins so, since it may be given the checkpoint of the run's plan;
    the first one of a reading asks the source. Raises FatalError `SOURCE_CHANGED` where checkpoint
    or table are of another system, unless a person ordered that it replaces what has landed.
    """
    landed = sink.landed_target(target) if sink and target else None
    stored, ordered = Identity.of(checkpoint), replaces(checkpoint)
    carried = (context.continuation or {}).get(CARRIED)
    scope = source.scope(context.unit_id, policy) if isinstance(source, SupportsScope) else None

    before = dict(carried["system"]) if carried else {}
    # A window may be open for hours: its next reading asks anew. One that only lands does not.
    asks = carried is None or (carried.get("again") is True and context.only != "LAND")
    asked = _asked(source, stored, landed, before, ordered, context) if asks else before
    told = asked or {}
    since = carried["since"] if carried else _since(stored, landed, checkpoint, context, ordered)
    known = {} if ordered else _known(stored, landed)
    made = landed.made if landed else ""
    identity = Identity({**known, **before, **told}, scope, place_of(sink), made, since)
    begun = Begun(None, identity, context.run_id, is_asked=asked is not None, landed=landed)

    quiet = carried is not None or not begun.is_asked
    said = [] if quiet else _unverified(source, known, told)
    if ordered:
        done = landed is not None and landed.facts.get(REPLACED_FACT) == context.run_id
        return replace(begun, replaces=not done, evidence=tuple(said))
    if _is_gone(checkpoint, stored, identity, landed, has_table=sink is not None):
        said += [] if quiet else [_target_gone(stored, identity)]
        return replace(begun, evidence=tuple(said))

    added = _added(source, stored, scope, context)
    if added != () and checkpoint is not None and isinstance(source, SupportsScope):
        owing = source.owing_history(checkpoint.cursor, added)
        checkpoint = replace(checkpoint, cursor=owing)
        said += [] if quiet else [_widened(added)]
    return replace(begun, checkpoint=checkpoint, evidence=tuple(said))


def told_history(
    source: SourceEndpoint, result: IngestionUnitResult, context: IngestionContext
) -> IngestionUnitResult:
    """The answer of a reading slice. The one that ends the reading says what history of its scope
    is still owed, so that the run is not called complete.
    """
    ends = result.done and result.checkpoint is not None and context.mode != "FULL"
    if not ends or not isinstance(source, SupportsScope) or result.checkpoint is None:
        return result
    left = source.history_owed(result.checkpoint.cursor)
    if left is False:
        return result

    groups = ", ".join(left) if isinstance(left, tuple) else "what the unit takes in"
    message = (
        f"The history of {groups} has not been read to its end, so rows are missing. "
        "The next runs read it."
    )
    owed = Evidence("SCOPE_WIDENED", message, "partial")
    return replace(result, evidence=(*result.evidence, owed))


def _known(stored: Identity | None, landed: LandedTarget | None) -> System:
    return {**system_of(landed), **(stored.system if stored else {})}


def _asked(
    source: SourceEndpoint,
    stored: Identity | None,
    landed: LandedTarget | None,
    before: System,
    ordered: bool,
    context: IngestionContext,
) -> System | None:
    """What the source says that it is; None where a stop came first: then nothing is read either,
    and the next activity asks. Refuses another than has landed, or was read `before`.
    """
    if not isinstance(source, SupportsIdentity):
        return {}

    try:
        known = {} if ordered else _known(stored, landed)
        told = source.system({**known, **before}, context)
    except FatalError as error:
        if error.code != "CANCELLED" or not context.cancelled():
            raise
        return None

    if ordered:
        return told
    for known in (stored.system if stored else {}, system_of(landed), before):
        if contradict(known, told):
            raise FatalError(
                "SOURCE_CHANGED",
                f"What has landed is of {named(known)}, but the source is {named(told)} now. "
                "Nothing was read. If that is right, reset the unit with "
                '`{"replace": true}`: the next run then replaces all rows.',
                details={"before": dict(known), "now": dict(told)},
            )
    return told


def _since(
    stored: Identity | None,
    landed: LandedTarget | None,
    checkpoint: Checkpoint | None,
    context: IngestionContext,
    ordered: bool,
) -> int:
    """Where nothing of the unit was there before, it begins with this run. What an earlier release
    has landed is taken to be of the system that is there now.
    """
    if ordered:
        return context.epoch
    told = since_of(landed)
    if told is not None:
        return told
    if stored is not None:
        return stored.since
    return context.epoch if checkpoint is None and landed is None else 0


def _is_gone(
    checkpoint: Checkpoint | None,
    stored: Identity | None,
    now: Identity,
    landed: LandedTarget | None,
    *,
    has_table: bool,
) -> bool:
    if checkpoint is None:
        return False
    if has_table and landed is None:
        return True
    return stored is not None and stored.is_elsewhere(now)


def _added(
    source: SourceEndpoint, stored: Identity | None, scope: Scope, context: IngestionContext
) -> Scope:
    """Groups to make up for. A full run reads them anyway."""
    if stored is None or context.mode == "FULL":
        return ()
    return added_to(stored.scope, scope)


def _unverified(source: SourceEndpoint, known: System, told: System) -> list[Evidence]:
    if not isinstance(source, SupportsIdentity) or not known or set(known) & set(told):
        return []
    message = (
        f"What has landed is of {named(known)}; the source does not say now whether it is that. "
        "Run again; look at what the account may read if it stays."
    )
    return [Evidence("SOURCE_UNVERIFIED", message, "partial")]


def _target_gone(stored: Identity | None, now: Identity) -> Evidence:
    moved = stored is not None and stored.place != now.place
    what = "The unit's sink is another one than before" if moved else "The unit's table is new"
    message = f"{what}, so it starts from nothing: everything is read and lands there."
    return Evidence("TARGET_GONE", message, "info")


def _widened(added: Scope) -> Evidence:
    groups = "all other groups" if added is None else ", ".join(added)
    message = f"The unit takes in {groups} now: their history is read in full."
    return Evidence("SCOPE_WIDENED", message, "info")
