"""What this product is for, once: find the commit, save the pending slice, commit, publish.

A run, its census, a redrive and a replay differ in what they seal. What makes their rows land
exactly once does not, so none of them commits by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import Evidence, IngestionUnitResult
from inlet_sdk.ports.run_stats import RunStats
from inlet_sdk.ports.sink_endpoint import LandedTarget, SinkEndpoint, SinkTarget
from inlet_sdk.ports.staging_provider import SealedSlices
from inlet_worker.pipeline.altered_columns import altered_columns, altered_fact
from inlet_worker.pipeline.import_from_staging import import_from_staging
from inlet_worker.pipeline.mapping_state import MappingState
from inlet_worker.pipeline.pending_slice import PendingSlice, committed, recorded
from inlet_worker.pipeline.transform_rows import TransformStep


@dataclass(frozen=True)
class Ready:
    """What a caller brings: slices that are sealed, from `since` on, and the answer that holds once
    they are committed, with its figures of before. `operation`, `whole` and `late` as in
    SliceCommit.
    """

    result: IngestionUnitResult
    slices: SealedSlices
    since: int
    cursor_to: Checkpoint | None = None
    operation: Literal["upsert", "delete"] = "upsert"
    whole: bool = False
    late: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CommitStep:
    """The step of the slice `context.slice`. `on_step` hears how far it is: a kill right after any
    of its words loses nothing and repeats nothing. `facts`, `replaces` and `anew` as in
    SliceCommit. `transform`: what becomes of the rows before they land; tombstones pass it by.
    `found`: the target as the run found it. `mappings`: what made the rows that are there.
    """

    sink: SinkEndpoint
    target: SinkTarget
    policy: Policy
    context: IngestionContext
    load_pending: Callable[[], PendingSlice | None]
    save_pending: Callable[[PendingSlice], None]
    on_step: Callable[[str], None] = lambda _: None
    facts: Mapping[str, str] = field(default_factory=dict)
    replaces: bool = False
    anew: bool = False
    transform: TransformStep | None = None
    found: LandedTarget | None = None
    mappings: MappingState = field(default_factory=MappingState)

    @property
    def read_fields(self) -> tuple[FieldDescriptor, ...]:
        """The fields of the source, of which those of the target are made."""
        return self.transform.transform.read if self.transform else self.target.fields

    @property
    def uncompared(self) -> frozenset[str]:
        """Columns of the source that landed rows do not hold as they were read: by this transform,
        or one of before.
        """
        if self.transform is None:
            return altered_columns(self.found, self.mappings)
        landed = self.sink.landed_target(self.target)
        return altered_columns(landed, self.mappings) | self.transform.dropped

    def take(self, seal: Callable[[], Ready | IngestionUnitResult]) -> IngestionUnitResult:
        """Land what `seal` has ready. `seal` answers by itself where there is nothing to commit,
        and is not called for a slice that an attempt before this one has committed.

        To publish the answer's checkpoint is the control plane's part, and may happen from now on.
        """
        receipt = self.sink.find_commit(self.target, self.context.commit_id)
        if receipt:
            return recorded(receipt, self.context, self.load_pending())

        ready = seal()
        if isinstance(ready, IngestionUnitResult):
            return ready
        if self.transform is not None:
            ready = self._transformed(ready, self.transform)
            self.on_step("transformed")

        self.save_pending(PendingSlice.of(self.context, ready.result))
        self.on_step("pending")
        return self._commit(ready)

    def _transformed(self, ready: Ready, transform: TransformStep) -> Ready:
        if ready.operation == "delete":
            return replace(ready, slices=transform.passed_by(ready.slices))
        made = transform.taken(ready.slices, ready.since)
        result = ready.result
        stats: RunStats = {**result.stats, "filtered": made.filtered}
        landed = self.sink.landed_target(self.target)
        other = {*made.altered, *transform.dropped}
        return replace(
            ready,
            result=replace(result, stats=stats, evidence=(*result.evidence, *made.evidence)),
            slices=made.slices,
            since=self.context.slice,
            facts=altered_fact(landed, self.mappings, transform.fingerprint, other),
        )

    def _commit(self, ready: Ready) -> IngestionUnitResult:
        try:
            landed = import_from_staging(
                self.sink,
                self.context.unit_id,
                ready.slices,
                self.policy,
                since=ready.since,
                namespace=self.target.namespace,
                cursor_to=ready.cursor_to,
                operation=ready.operation,
                whole=ready.whole,
                late=ready.late,
                facts={**self.facts, **ready.facts},
                replaces=self.replaces,
                anew=self.anew,
            )
        except FatalError as error:
            if error.code != "SUSPICIOUS_EMPTY":
                raise
            return _doubted(ready.result, error)

        self.on_step("committed")
        return committed(ready.result, landed.receipt)


def _doubted(result: IngestionUnitResult, refusal: FatalError) -> IngestionUnitResult:
    """Nothing where there was much: the sink has replaced nothing, so the checkpoint stays."""
    doubt = Evidence(refusal.code, refusal.message, "suspicious")
    return replace(result, checkpoint=None, evidence=(*result.evidence, doubt))
