"""What follows the last slice of a reading: the census, and the tombstones that it proves.

Where the policy ignores deletes, it only speaks: within the last slice, after its commit. Else it
is a slice of its own, with the tombstones as its staged rows; until it has landed, the checkpoint
says that it is owed (`census.open`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC
from typing import Any

import orjson

from inlet_sdk.errors import FatalError, IngestError, RateLimitedError
from inlet_sdk.ports.census import (
    CENSUS_NEEDED,
    CensusReport,
    Finding,
    SupportsCensus,
    Tombstone,
)
from inlet_sdk.ports.ingestion_context import IngestionContext, Progress
from inlet_sdk.ports.results import Evidence, IngestionUnitResult, Wait
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SinkTarget
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_sdk.ports.staging_provider import Manifest, StagingSession
from inlet_worker.pipeline.census_state import CensusState, Checkpoint, deletes
from inlet_worker.pipeline.import_from_staging import import_from_staging
from inlet_worker.pipeline.pending_slice import Pending, pending_of
from inlet_worker.pipeline.run_stats import committed_stats, effort_stats
from inlet_worker.pipeline.take_census import (
    SinkRows,
    evidence_of,
    take_census,
    tombstones_of_landed,
    unfinished,
)

HELD_ROWS = 100
HELD_SHARE = 0.05
"""A run that would delete more rows than both of these stops before it, unless
`policy.approveDeletes`.
"""
CENSUS = "census"
UNCERTAIN = "uncertain"


def open_phase(
    source: SourceEndpoint,
    sink: SinkEndpoint | None,
    target: SinkTarget,
    policy: dict[str, Any],
    session: StagingSession,
    checkpoint: Checkpoint | None,
    reading: dict[str, Any],
) -> CensusPhase | None:
    """None for a unit without one, or without a sink to compare with."""
    if (
        sink is None
        or not isinstance(source, SupportsCensus)
        or not source.has_census(session.context.unit_id)
    ):
        return None
    return CensusPhase(source, SinkRows(sink, target), policy, session, checkpoint, reading)


@dataclass(frozen=True)
class CensusPhase:
    source: SupportsCensus
    rows: SinkRows
    policy: dict[str, Any]
    session: StagingSession
    checkpoint: Checkpoint | None
    reading: dict[str, Any]

    @property
    def is_now(self) -> bool:
        """The slice at hand is the census's own."""
        return CENSUS in self.reading

    @property
    def uncertain(self) -> bool:
        """Whether the run before this one left its census owing."""
        return bool(self.reading.get(UNCERTAIN, CensusState.of(self.checkpoint).open))

    def opened(self, reached: Checkpoint) -> Checkpoint:
        """The checkpoint of a reading slice. What the reading says of the source's state is newer
        than what is kept.
        """
        state = CensusState.of(self.checkpoint)
        source = {**state.source, **CensusState.of(reached).source}
        return replace(state, open=state.open or deletes(self.policy), source=source).within(
            reached
        )

    def after_reading(self, result: IngestionUnitResult) -> IngestionUnitResult:
        """The answer of a reading slice, with what the census adds to the last one."""
        if not result.done:
            return replace(result, resume={**(result.resume or {}), UNCERTAIN: self.uncertain})
        checkpoint = result.new_checkpoint or self.checkpoint
        if checkpoint is None or any(e.code == "SUSPICIOUS_EMPTY" for e in result.evidence):
            return result
        due = self._is_due(result)
        if deletes(self.policy):
            order = {"checkpoint": checkpoint, "due": due, UNCERTAIN: self.uncertain}
            return replace(result, done=False, resume={CENSUS: order})
        return self._spoken(result, checkpoint, due)

    def land(
        self, save_pending: Callable[[Pending], None], on_step: Callable[[str], None]
    ) -> IngestionUnitResult:
        """Compare, stage the tombstones, commit them. Called again after a crash it goes on from
        what is sealed.
        """
        order = self.reading[CENSUS]
        try:
            manifest = self.session.sealed() or self._staged(order)
        except RateLimitedError as error:
            wait = Wait(
                error.resume_at.astimezone(UTC).isoformat(timespec="milliseconds"), error.reason
            )
            return self._later("WAIT", wait)
        except FatalError as error:
            if error.code != "CANCELLED" or not self._context.cancelled():
                raise
            return self._later("CONTINUE", None)
        on_step("sealed")
        facts = manifest.facts
        evidence = tuple(Evidence(**e) for e in facts["evidence"])
        result = IngestionUnitResult(
            "COMMITTED", True, facts["newCheckpoint"], facts["stats"], evidence=evidence
        )
        if not manifest.rows:
            return result
        save_pending(pending_of(self._context, result))
        on_step("pending")
        landed = import_from_staging(
            self.rows.sink,
            self._context.unit_id,
            self.session,
            self.policy,
            since=self._context.slice,
            namespace=self.rows.target.namespace,
            operation="delete",
        )
        on_step("committed")
        return replace(
            result, stats=committed_stats(result.stats, landed.receipt), receipt=landed.receipt
        )

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
            or any(e.code == CENSUS_NEEDED for e in result.evidence)
        ):
            return True
        # A project that is newly closed: what is missed of it from now on must be known when it
        # opens again.
        doubted = any(e.weight == "partial" for e in result.evidence)
        return CensusState.of(self.checkpoint).is_due(
            self.policy, self._started_ms, doubted=doubted
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
                self.rows,
                self.policy,
                self._context,
                state,
                due=due,
                checkpoint=checkpoint,
            )
        except IngestError as error:
            report = unfinished(error)  # what was read has landed: the next run compares
        stats = dict(result.stats)
        for name, value in effort_stats(self._context.progress, before, 0.0).items():
            stats[name] += value
        if isinstance(report, Finding):
            evidence = (*result.evidence, *evidence_of([report, *state.doubts]))
            return replace(result, stats=stats, evidence=evidence)
        doubts = () if report.compared else state.doubts
        evidence = (*result.evidence, *evidence_of([*report.findings, *report.debts, *doubts]))
        after = state.after(report, self._started_ms, stats["requests"] - result.stats["requests"])
        return replace(
            result, stats=stats, evidence=evidence, new_checkpoint=after.within(checkpoint)
        )

    def _staged(self, order: dict[str, Any]) -> Manifest:
        started = time.monotonic()
        checkpoint: Checkpoint = order["checkpoint"]
        listed, told_all = self._listed()
        state = replace(CensusState.of(checkpoint), open=order[UNCERTAIN] or not told_all)
        due = order["due"] or state.open
        report = take_census(
            self.source,
            self.rows,
            self.policy,
            self._context,
            state,
            due=due,
            checkpoint=checkpoint,
            listed=listed,
        )
        owing = replace(state, open=True)
        tombstones: list[Tombstone] = []
        if isinstance(report, Finding):
            after, findings = owing, [report, *state.doubts]
        else:
            tombstones, live = (
                tombstones_of_landed(report.tombstones, self.rows, self._key)
                if report.tombstones
                else ([], 0)
            )
            after = state.after(report, self._started_ms, self._context.progress.requests)
            findings = [*report.findings, *report.debts, *(() if report.compared else state.doubts)]
            if tombstones and (held := self._held(len(tombstones), live)):
                after, tombstones = owing, []
                findings.append(held)
        return self._sealed(
            tombstones, findings, after.within(checkpoint), time.monotonic() - started
        )

    def _sealed(
        self,
        tombstones: list[Tombstone],
        findings: list[Finding],
        checkpoint: Checkpoint,
        seconds: float,
    ) -> Manifest:
        writer = self.session.writer()
        writer.write_batch(
            [{self._key: t.key, "_raw": orjson.dumps(dict(t.proof)).decode()} for t in tombstones]
        )
        if writer.rows != len(tombstones):
            raise FatalError(
                "INTERNAL", "A tombstone could not be staged: report this with the run's id."
            )
        stats = {
            **_NOTHING,
            **effort_stats(self._context.progress, Progress(), seconds),
            "slices": 1,
        }
        facts = {
            "newCheckpoint": checkpoint,
            "stats": stats,
            "evidence": [asdict(evidence) for evidence in evidence_of(findings)],
        }
        return writer.seal(facts)

    def _listed(self) -> tuple[dict[str, list[str]], bool]:
        """What the reading's slices listed, the latest list of each parent; and whether all slices
        told.
        """
        listed: dict[str, list[str]] = {}
        manifests = self.session.reader(0).manifests()
        for manifest in manifests:
            listed.update(manifest.facts.get("listed", {}))
        return listed, len(manifests) >= self._context.slice

    def _held(self, count: int, live: int) -> Finding | None:
        if self.policy.get("approveDeletes") or count <= max(HELD_ROWS, HELD_SHARE * live):
            return None
        return Finding(
            "DELETES_HELD",
            f"{count} of {live} landed records are gone from the source, which is more than a run deletes unasked. "
            "Nothing was deleted; set policy.approveDeletes if this is right.",
            "suspicious",
        )

    def _later(self, outcome: Any, wait: Wait | None) -> IngestionUnitResult:
        effort = effort_stats(self._context.progress, Progress(), 0.0)
        stats = {**_NOTHING, **effort, "slices": 1}
        return IngestionUnitResult(outcome, False, None, stats, resume=self.reading, wait=wait)

    @property
    def _key(self) -> str:
        return str(self.policy["primaryKeys"][0])


_NOTHING = dict.fromkeys(
    (
        *(
            "read",
            "quarantined",
            "landed",
            "deduplicated",
            "unchanged",
            "inserted",
            "updated",
            "deleted",
        ),
        *("bytes", "bytesRewritten"),
    ),
    0,
)
