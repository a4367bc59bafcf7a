"""What follows the last slice of a reading: the census, and the tombstones that it proves.

Where the policy ignores deletes, it only speaks: within the last slice, after its commit. Else it
is a slice of its own, with the tombstones as its staged rows; until it has landed, the checkpoint
says that it is owed (`census.open`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from inlet_sdk.errors import FatalError, IngestError, RateLimitedError
from inlet_sdk.ports.census import (
    CENSUS_NEEDED,
    Absence,
    CensusReport,
    Finding,
    SupportsCensus,
    Tombstone,
    deletes_held,
)
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext, Progress
from inlet_sdk.ports.results import IngestionUnitResult, Outcome, Wait
from inlet_sdk.ports.run_stats import RunStats
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_sdk.ports.staging_provider import Manifest, StagingSession
from inlet_worker.pipeline.census_owing import still_owed
from inlet_worker.pipeline.census_state import CensusState
from inlet_worker.pipeline.commit_step import CommitStep, Ready
from inlet_worker.pipeline.continuations import CompareOn, ReadOn
from inlet_worker.pipeline.full_reading import Lacking, absence, agreeing, left_after
from inlet_worker.pipeline.quarantine_state import without_gone
from inlet_worker.pipeline.run_stats import NOTHING, effort_stats, with_effort
from inlet_worker.pipeline.slice_facts import CensusFacts, Lists, exported, was_read
from inlet_worker.pipeline.take_census import (
    SinkRows,
    evidence_of,
    take_census,
    tombstones_of_landed,
    unfinished,
)


def open_phase(
    step: CommitStep,
    source: SourceEndpoint,
    session: StagingSession,
    checkpoint: Checkpoint | None,
    going_on: ReadOn | CompareOn,
) -> CensusPhase | None:
    """None for a unit without one, and where a transform leaves rows out: nothing would tell those
    from rows that are missing.
    """
    if step.transform is not None and step.transform.transform.order.filters:
        return None
    if not isinstance(source, SupportsCensus) or not source.has_census(session.context.unit_id):
        return None
    return CensusPhase(step, source, session, checkpoint, going_on)


@dataclass(frozen=True)
class CensusPhase:
    """`checkpoint` is the one that the run, or the reading of an open window, began with."""

    step: CommitStep
    source: SupportsCensus
    session: StagingSession
    checkpoint: Checkpoint | None
    going_on: ReadOn | CompareOn

    @property
    def is_now(self) -> bool:
        """The slice at hand is the census's own."""
        return isinstance(self.going_on, CompareOn)

    @property
    def uncertain(self) -> bool:
        """Whether the run before this one left its census owing."""
        known = self.going_on.uncertain
        return CensusState.of(self.checkpoint).open if known is None else known

    def opened(self, reached: Checkpoint) -> Checkpoint:
        """The checkpoint of a reading slice. What the reading says of the source's state is newer
        than what is kept.
        """
        state = CensusState.of(self.checkpoint)
        source = {**state.source, **CensusState.of(reached).source}
        owing = state.open or self.step.policy.wants_deletes
        return replace(state, open=owing, source=source).within(reached)

    def after_reading(self, result: IngestionUnitResult) -> IngestionUnitResult:
        """The answer of a reading slice, with what the census adds to the last one."""
        if not result.done:
            told = {"uncertain": self.uncertain}
            if result.outcome == "STAGED":
                told["due"] = self._is_due(result)
            return replace(result, resume={**(result.resume or {}), **told})

        checkpoint = result.checkpoint or self.checkpoint
        if checkpoint is None or any(e.code == "SUSPICIOUS_EMPTY" for e in result.evidence):
            return result

        due = self._is_due(result)
        if self.step.policy.wants_deletes:
            owed = CompareOn(checkpoint, due, self.uncertain)
            return replace(result, done=False, resume=owed.dump())
        return self._spoken(result, checkpoint, due)

    def left(self, result: IngestionUnitResult) -> IngestionUnitResult:
        """The answer of a slice that may not ask the source: the next run owes the census."""
        if not self.going_on.due or not result.done or result.checkpoint is None:
            return result
        state = replace(CensusState.of(result.checkpoint), open=True)
        return replace(result, checkpoint=state.within(result.checkpoint))

    def ready(self) -> Ready | IngestionUnitResult:
        """Compare, and seal the tombstones. Called again after a crash it goes on from what is
        sealed.
        """
        try:
            manifest = self.session.sealed() or self._staged(self._owed)
        except RateLimitedError as error:
            return self._later("WAIT", Wait.of(error))
        except FatalError as error:
            if error.code != "CANCELLED" or not self._context.cancelled():
                raise
            return self._later("CONTINUE", None)

        self.step.on_step("sealed")
        facts = CensusFacts.of(manifest)
        result = IngestionUnitResult(
            "COMMITTED", True, facts.checkpoint, facts.stats, evidence=facts.evidence
        )
        if not manifest.rows:
            return result
        return Ready(result, self.session, since=self._context.slice, operation="delete")

    @property
    def _owed(self) -> CompareOn:
        if not isinstance(self.going_on, CompareOn):
            raise ValueError("the slice at hand is read")
        return self.going_on

    @property
    def _rows(self) -> SinkRows:
        return SinkRows(self.step.sink, self.step.target, self.step.uncompared)

    @property
    def _started_ms(self) -> int:
        """The epoch is the start of the run (decision 6), and so the same for each of its
        attempts.
        """
        return self._context.epoch

    @property
    def _context(self) -> IngestionContext:
        return self.session.context

    def _is_due(self, result: IngestionUnitResult) -> bool:
        if (
            self._context.mode == "FULL"
            or self.uncertain
            or self.going_on.due
            or any(e.code == CENSUS_NEEDED for e in result.evidence)
        ):
            return True

        # A project that is newly closed: what is missed of it from now on must be known when it
        # opens again.
        doubted = any(e.weight == "partial" for e in result.evidence)
        return CensusState.of(self.checkpoint).is_due(
            self.step.policy, self._started_ms, doubted=doubted
        )

    def _spoken(
        self, result: IngestionUnitResult, checkpoint: Checkpoint, due: bool
    ) -> IngestionUnitResult:
        before = replace(self._context.progress)
        state = CensusState.of(checkpoint)
        report: CensusReport | Finding
        try:
            report = take_census(
                self.source,
                self._rows,
                self.step.policy,
                self._context,
                state,
                due=due,
                checkpoint=checkpoint,
            )
        except IngestError as error:
            # What was read has landed: the next run compares.
            report = unfinished(error, state, self.step.policy, self._context)

        stats = with_effort(result.stats, effort_stats(self._context.progress, before, 0.0))
        if isinstance(report, Finding):
            said = [report, *state.doubts]
            evidence = (*result.evidence, *evidence_of([*said, *still_owed(state, said)]))
            return replace(result, stats=stats, evidence=evidence)

        after = state.after(report, self._started_ms, stats["requests"] - result.stats["requests"])
        doubts = () if report.compared else state.doubts
        said = [*report.findings, *report.debts, *doubts]
        found = evidence_of([*said, *still_owed(after, said)])
        evidence = agreeing((*result.evidence, *found))
        return replace(result, stats=stats, evidence=evidence, checkpoint=after.within(checkpoint))

    def _staged(self, owed: CompareOn) -> Manifest:
        started = time.monotonic()
        checkpoint = owed.checkpoint
        listed, told_all = self._listed()
        found, absent = self._lacking()
        state = replace(CensusState.of(checkpoint), open=owed.uncertain or not told_all)
        due = owed.due or state.open
        report = take_census(
            self.source,
            self._rows,
            self.step.policy,
            self._context,
            state,
            due=due,
            checkpoint=checkpoint,
            listed=listed,
            absent=absent,
        )

        owing = replace(state, open=True)
        tombstones: list[Tombstone] = []
        if isinstance(report, Finding):
            after, findings = owing, [report, *state.doubts]
        else:
            tombstones, live = (
                tombstones_of_landed(report.tombstones, self._rows, self._key)
                if report.tombstones
                else ([], 0)
            )
            after = state.after(report, self._started_ms, self._context.progress.requests)
            findings = [*report.findings, *report.debts, *(() if report.compared else state.doubts)]
            approved = self.step.policy.approve_deletes
            if held := deletes_held(len(tombstones), live, approved=approved):
                after, tombstones = owing, []
                findings.append(held)

        findings += still_owed(after, findings)
        left = left_after(found, tombstones) if found else ()
        evidence = agreeing((*left, *evidence_of(findings)))
        settled = without_gone(after.within(checkpoint), [one.key for one in tombstones])
        facts = CensusFacts(settled, self._stats(time.monotonic() - started), evidence)
        return self._sealed(tombstones, facts)

    def _sealed(self, tombstones: Sequence[Tombstone], facts: CensusFacts) -> Manifest:
        writer = self.session.writer()
        writer.write_batch(
            [{self._key: t.key, "_raw": orjson.dumps(dict(t.proof)).decode()} for t in tombstones]
        )
        if writer.rows != len(tombstones):
            raise FatalError(
                "INTERNAL", "A tombstone could not be staged: report this with the run's id."
            )

        return writer.seal(facts.dump())

    def _stats(self, seconds: float) -> RunStats:
        effort = effort_stats(self._context.progress, Progress(), seconds)
        return with_effort({**NOTHING, "slices": 1}, effort)

    def _lacking(self) -> tuple[Lacking | None, Absence | None]:
        """Of a full run."""
        if self._context.mode != "FULL":
            return None, None
        staged = self.session.reader(0)
        exports = [exported(one) for one in staged.manifests() if was_read(one)]
        return absence(self._rows, staged, exports, self.step.policy)

    def _listed(self) -> tuple[Mapping[str, Sequence[str]], bool]:
        """What the reading's slices listed, the latest list of each parent; and whether all slices
        told all of it.
        """
        lists = Lists()
        manifests = self.session.reader(0).manifests()
        for manifest in manifests:
            if was_read(manifest):
                export = exported(manifest)
                lists.add(export.listed)
                lists.are_cut = lists.are_cut or export.lists_cut
        told_all = len(manifests) >= self._context.slice and not lists.are_cut
        return lists.found, told_all

    def _later(self, outcome: Outcome, wait: Wait | None) -> IngestionUnitResult:
        resume = self.going_on.dump()
        return IngestionUnitResult(outcome, False, None, self._stats(0.0), resume=resume, wait=wait)

    @property
    def _key(self) -> str:
        return self.step.policy.primary_keys[0]
