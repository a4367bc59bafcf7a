"""One slice of a reading: exported, and what its commit will answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import Evidence, ExportResult, IngestionUnitResult
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_sdk.ports.staging_provider import StagingSession
from inlet_worker.pipeline.begin_run import Begun
from inlet_worker.pipeline.census_phase import CensusPhase
from inlet_worker.pipeline.commit_step import CommitStep, Ready
from inlet_worker.pipeline.continuations import ReadOn
from inlet_worker.pipeline.export_to_staging import SLICE_BYTES, SLICE_ROWS, export_to_staging
from inlet_worker.pipeline.full_reading import FullCommit, full_commit, is_whole, replacing_commit
from inlet_worker.pipeline.kept_members import carried
from inlet_worker.pipeline.quarantine_state import QuarantineState
from inlet_worker.pipeline.rows_behind_schema import SchemaAge
from inlet_worker.pipeline.run_stats import read_stats, refuse_unbalanced, sealed_stats
from inlet_worker.pipeline.slice_facts import exported


@dataclass(frozen=True)
class ReadSlice:
    """The slice of the session's context. `census` is None for a unit without one, `step` and `age`
    for a run without a sink.
    """

    source: SourceEndpoint
    session: StagingSession
    begun: Begun
    policy: Policy
    going_on: ReadOn
    step: CommitStep | None
    census: CensusPhase | None
    on_step: Callable[[str], None]
    age: SchemaAge | None = None

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The one that the reading goes on from."""
        return self.begun.reads_from(self.going_on.after)

    def ready(self) -> Ready | IngestionUnitResult:
        """Seal the slice. What it answers is ready to be committed, unless more has to be read
        before, or nothing was found that would leave a trace.
        """
        context = self.session.context
        export = export_to_staging(
            self.source,
            context.unit_id,
            self.checkpoint,
            self.policy,
            self.session,
            None if self.going_on.aside is None else QuarantineState.parse(self.going_on.aside),
        )
        self.on_step("sealed")
        reached = export.checkpoint or self.going_on.reached or self.going_on.after
        if not self._may_commit(export):
            return self._sealed(export, reached)

        manifests = self.session.reader(self.going_on.since).manifests()
        exports = [exported(manifest) for manifest in manifests]
        figures = [one.stats for one in exports]
        refuse_unbalanced(figures, sum(manifest.rows for manifest in manifests))
        full = self._full_commit(exports)
        aside = self._aside(exports, full)
        published = aside.ended().within(self._next_checkpoint(reached))
        on = replace(
            self._on(export),
            since=context.slice + 1,
            # What the window's readings gave before is where this one began, and behind it now.
            reached=self.going_on.after and published,
            aside=aside.dump(),
            rows=0,
            bytes=0,
        )
        result = _answer(
            export,
            aside.evidence() if export.exhausted else (),
            outcome="COMMITTED",
            done=export.exhausted,
            checkpoint=published,
            stats=read_stats(figures, export.stats),
            resume=None if export.exhausted else on.dump(),
        )

        if not self._has_work(exports):
            return result
        result = replace(result, evidence=(*result.evidence, *full.evidence))
        if full.held:
            return replace(result, checkpoint=None)
        return Ready(
            result,
            self.session,
            since=self.going_on.since,
            cursor_to=reached,
            whole=full.whole,
        )

    def _sealed(self, export: ExportResult, reached: Checkpoint | None) -> IngestionUnitResult:
        aside = QuarantineState.parse(export.aside)
        on = replace(self._on(export), reached=reached, aside=aside.dump())
        if export.exhausted:
            after = aside.ended().within(self._next_checkpoint(reached))
            on = replace(on, source=None, reached=None, aside=None, after=after)

        return _answer(
            export,
            (),
            outcome="STAGED" if export.exhausted else "WAIT" if export.wait else "CONTINUE",
            done=False,
            checkpoint=None,
            stats=sealed_stats(export.stats),
            resume=on.dump(),
        )

    def _may_commit(self, export: ExportResult) -> bool:
        context = self.session.context
        if context.mode == "FULL":
            return export.exhausted
        if context.only == "STAGE" and not self._is_grown(export):
            return False
        return export.committable

    def _is_grown(self, export: ExportResult) -> bool:
        """Whether what waits is as much as a slice may be."""
        rows, size = self._waiting(export)
        return rows >= SLICE_ROWS or size >= SLICE_BYTES

    def _on(self, export: ExportResult) -> ReadOn:
        """To read on from the slice, which waits."""
        rows, size = self._waiting(export)
        return replace(self.going_on, source=export.resume, reached=None, rows=rows, bytes=size)

    def _waiting(self, export: ExportResult) -> tuple[int, int]:
        """Rows and bytes that are sealed and have not landed, with those of this slice."""
        own = export.stats
        going_on = self.going_on
        return going_on.rows + own["exported_rows"], going_on.bytes + own["exported_bytes"]

    def _has_work(self, exports: Sequence[ExportResult]) -> bool:
        # A tick that found nothing new leaves no trace in the table.
        if any(export.stats["exported_rows"] for export in exports):
            return True
        return self.session.context.mode == "FULL" or self.begun.checkpoint is None

    def _aside(self, exports: Sequence[ExportResult], full: FullCommit) -> QuarantineState:
        """What is set aside and not in the sink once these have landed."""
        state = QuarantineState.parse(exports[-1].aside)
        if self.session.context.mode == "FULL":
            lacks = any(one.weight == "partial" for one in full.evidence)
            state.end_full(whole=is_whole(exports) and not lacks)
        return state

    def _next_checkpoint(self, reached: Checkpoint | None) -> Checkpoint:
        """Never behind the one before."""
        before = self._before
        behind = before is not None and reached is not None and reached.is_behind(before)
        furthest = self.begun.identity.within(carried(before, before if behind else reached))
        if self.age:
            furthest = self.age.within(furthest)
        return self.census.opened(furthest) if self.census else furthest

    @property
    def _before(self) -> Checkpoint | None:
        """Where the reading began; in a window, what its slices reached or published since."""
        began, since = self.checkpoint, self.going_on.reached
        if began is None or since is None or self.going_on.after is None:
            return began
        return began if since.is_behind(began) else carried(began, since)

    def _full_commit(self, exports: Sequence[ExportResult]) -> FullCommit:
        if self.step is None:
            return FullCommit()
        staged = self.session.reader(self.going_on.since)
        if self.step.replaces:
            return replacing_commit(self.step, staged, ends=exports[-1].exhausted)
        if self.session.context.mode != "FULL":
            return FullCommit()
        compares = self.census is not None and self.policy.wants_deletes
        return full_commit(self.step, staged, exports, compares=compares)


def _answer(
    export: ExportResult, outstanding: tuple[Evidence, ...], **answer: Any
) -> IngestionUnitResult:
    return IngestionUnitResult(
        **answer,
        errors=export.quarantined,
        evidence=(*export.warnings, *_quarantine_evidence(export), *outstanding),
        wait=export.wait,
    )


def _quarantine_evidence(export: ExportResult) -> tuple[Evidence, ...]:
    count = export.stats["quarantined_rows"]
    if not count:
        return ()

    first = export.quarantined[0]["message"]
    message = f"{count} records were set aside, the first because {first}."
    found = [Evidence("RECORD_INVALID", message, "info")]
    if ignored := export.aside.get("ignored", 0):
        known = f"{ignored} records were set aside whose content has been discarded before."
        found.append(Evidence("DISCARDED", known, "info"))
    return tuple(found)
