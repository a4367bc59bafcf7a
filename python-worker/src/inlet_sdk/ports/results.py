"""What the pipeline's three functions answer (document 002 section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Literal, TypedDict

from inlet_sdk.errors import RateLimitedError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import Resume
from inlet_sdk.ports.run_stats import ExportStats, RunStats
from inlet_sdk.ports.sink_endpoint import CommitReceipt
from inlet_sdk.redaction import shown

Weight = Literal["info", "partial", "suspicious"]
Outcome = Literal["COMMITTED", "CONTINUE", "WAIT", "STAGED", "ENRICH"]


@dataclass(frozen=True)
class Wait:
    """The vendor said when it may be asked again. `resume_at` is ISO 8601."""

    resume_at: str
    reason: str

    @classmethod
    def of(cls, refusal: RateLimitedError) -> Wait:
        until = refusal.resume_at.astimezone(UTC)
        return cls(until.isoformat(timespec="milliseconds"), refusal.reason)


class RecordError(TypedDict):
    """A record that was set aside: RecordError of `schemas/run.ts`."""

    code: str
    message: str
    key: str | None


@dataclass(frozen=True)
class Evidence:
    """Something that speaks against completeness; `weight` and `more` as in `schemas/run.ts`."""

    code: str
    message: str
    weight: Weight
    more: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", shown(self.message))


@dataclass(frozen=True)
class ExportResult:
    """A sealed slice. `checkpoint` is true once all rows read so far have landed, None where the
    source named no cursor. `committable` says that the last batch did. `resume` continues reading
    in any process. `quarantined` samples the records set aside; `stats["quarantined_rows"]` counts
    them. `listed` is the source's: parent -> keys of all its records; empty, with `lists_cut`,
    where they are too many to be remembered. `aside` is what is set aside and not in the sink once
    all this has landed (`pipeline/quarantine_state.py`).
    """

    checkpoint: Checkpoint | None
    stats: ExportStats
    exhausted: bool
    committable: bool
    resume: Resume | None
    wait: Wait | None
    warnings: tuple[Evidence, ...]
    quarantined: tuple[RecordError, ...]
    listed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    aside: Mapping[str, Any] = field(default_factory=dict)
    lists_cut: bool = False

    @property
    def new_checkpoint(self) -> dict[str, Any] | None:
        """JSON of `checkpoint`."""
        return self.checkpoint.dump() if self.checkpoint else None


@dataclass(frozen=True)
class ImportResult:
    """A committed slice."""

    applied_rows: int
    duration_ms: int
    receipt: CommitReceipt


@dataclass(frozen=True)
class Enrichment:
    """Where the batches of a slice are listed, for the knowledge base: an EnrichmentRef of
    `schemas/knowledge-node.ts`.
    """

    key: str
    sha256: str
    records: int
    bytes: int
    batches: int


@dataclass(frozen=True)
class IngestionUnitResult:
    """One call of `run_ingestion_unit`. COMMITTED: `checkpoint` may be published (None: it stays).
    CONTINUE and WAIT: sealed, nothing to publish. STAGED: so is all that the source shows by now.
    ENRICH: committed once the control plane has taken all of `enrichment`. Call again with the next
    slice and `resume` as continuation until `done`; whenever `wait` is set, not before its time.
    `errors` samples what was set aside.
    """

    outcome: Outcome
    done: bool
    checkpoint: Checkpoint | None
    stats: RunStats
    errors: tuple[RecordError, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    resume: Resume | None = None
    wait: Wait | None = None
    receipt: CommitReceipt | None = None
    enrichment: Enrichment | None = None

    @property
    def new_checkpoint(self) -> dict[str, Any] | None:
        """JSON of `checkpoint`, to be kept and handed to the next run."""
        return self.checkpoint.dump() if self.checkpoint else None
