"""After the reading: is everything that has landed still there, and has everything that is there
landed?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.errors import IngestError
from inlet_sdk.ports.census import (
    Absence,
    CensusOrder,
    CensusReport,
    CensusUnfinished,
    Finding,
    SupportsCensus,
    Tombstone,
)
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import Evidence
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SinkTarget
from inlet_worker.memory import trim
from inlet_worker.pipeline.census_state import CensusState
from inlet_worker.pipeline.quarantine_state import QuarantineState
from inlet_worker.pipeline.summed_evidence import summed


@dataclass(frozen=True)
class SinkRows:
    """The live rows of a target, as a census reads them. uncompared: columns that hold other values
    than the source's.
    """

    sink: SinkEndpoint
    target: SinkTarget
    uncompared: frozenset[str] = frozenset()

    def batches(self, *columns: str) -> Iterator[pa.RecordBatch]:
        """Raises CensusUnfinished for a column that cannot be compared."""
        if other := sorted(self.uncompared.intersection(columns)):
            raise CensusUnfinished(
                f"A transform made landed rows that do not hold {', '.join(other)} as the source "
                "has it, so nothing was compared. Let the transform hand them on as they are, and "
                "run the unit in full."
            )
        return self.sink.live_keys(self.target, columns)


def take_census(
    source: SupportsCensus,
    rows: SinkRows,
    policy: Policy,
    context: IngestionContext,
    state: CensusState,
    *,
    due: bool,
    checkpoint: Checkpoint,
    listed: Mapping[str, Sequence[str]] = MappingProxyType({}),
    absent: Absence | None = None,
) -> CensusReport | Finding:
    """What the source reports, or why there is no report: a census that cannot be brought to its
    end fails no run, and proves nothing. Raises RetryableError and `CANCELLED`, for the caller to
    come back.
    """
    order = CensusOrder(
        due,
        state.open,
        policy.wants_deletes,
        None if checkpoint.position is None else int(checkpoint.position),
        state.source,
        listed,
        absent,
        QuarantineState.of(checkpoint).apart,
    )

    trim()  # what the commit held
    context.doubts.take()  # those of the reading have become evidence
    try:
        report = source.census(context.unit_id, policy, order, rows, context)
        return _doubted(context) or replace(report, findings=summed(report.findings))
    except IngestError as error:
        if error.retryable or error.code == "CANCELLED":
            raise
        return _doubted(context) or unfinished(error, state, policy, context)


def _doubted(context: IngestionContext) -> Finding | None:
    """Lists that contradict themselves prove nothing, neither presence nor absence."""
    doubts = context.doubts.take()
    if not doubts:
        return None
    return Finding("CENSUS_UNFINISHED", f"Nothing was compared: {doubts[0]}", "partial")


def unfinished(
    error: IngestError, state: CensusState, policy: Policy, context: IngestionContext
) -> Finding:
    """A comparison that did not happen: information, unless the account was refused something, or
    none has come to its end for long: what is never compared is not known to be right.
    """
    forbidden = error.code == "SOURCE_FORBIDDEN"
    weighs = forbidden or state.is_overdue(policy, context.epoch)
    return Finding("CENSUS_UNFINISHED", error.message, "partial" if weighs else "info")


def evidence_of(findings: Sequence[Finding]) -> tuple[Evidence, ...]:
    return tuple(Evidence(**asdict(finding)) for finding in findings)


def tombstones_of_landed(
    tombstones: Sequence[Tombstone], rows: SinkRows, key: str
) -> tuple[list[Tombstone], int]:
    """The tombstones of live rows, each once, and how many live rows there are."""
    wanted = {tombstone.key: tombstone for tombstone in tombstones}
    keys, live = pa.array(sorted(wanted), pa.string()), 0
    found: dict[str, Tombstone] = {}
    for batch in rows.batches(key):
        live += batch.num_rows
        named = batch.column(key).cast(pa.string())
        found.update((k, wanted[k]) for k in named.filter(pc.is_in(named, keys)).to_pylist())
    return list(found.values()), live
