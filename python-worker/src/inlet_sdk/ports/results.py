"""What the pipeline's three functions answer (document 002 section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from inlet_sdk.ports.sink_endpoint import CommitReceipt
from inlet_sdk.redaction import shown

Outcome = Literal["COMMITTED", "CONTINUE", "WAIT", "ENRICH"]


@dataclass(frozen=True)
class Wait:
    """The vendor said when it may be asked again. `resume_at` is ISO 8601."""

    resume_at: str
    reason: str


@dataclass(frozen=True)
class Evidence:
    """Something that speaks against completeness; `weight` and `more` as in `schemas/run.ts`."""

    code: str
    message: str
    weight: Literal["info", "partial", "suspicious"]
    more: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", shown(self.message))


@dataclass(frozen=True)
class ExportResult:
    """A sealed slice. `new_checkpoint` is true once all rows read so far have landed, None where
    the source named no cursor. `committable` says that the last batch did. `resume` continues
    reading in any process. `quarantined` samples the records set aside; `stats["quarantined_rows"]`
    counts them.
    """

    new_checkpoint: dict[str, Any] | None
    stats: dict[str, int]
    exhausted: bool
    committable: bool
    resume: dict[str, Any] | None
    wait: Wait | None
    warnings: tuple[Evidence, ...]
    quarantined: tuple[dict[str, Any], ...]


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
    """One call of `run_ingestion_unit`. COMMITTED: `new_checkpoint` may be published (None: it
    stays). CONTINUE and WAIT: sealed, nothing to publish. ENRICH: committed once the control plane
    has taken all of `enrichment`. Call again with the next slice and `resume` as continuation until
    `done`; whenever `wait` is set, not before its time. `stats` has the names of RunStats.
    """

    outcome: Outcome
    done: bool
    new_checkpoint: dict[str, Any] | None
    stats: dict[str, int]
    errors: tuple[dict[str, Any], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    resume: dict[str, Any] | None = None
    wait: Wait | None = None
    receipt: CommitReceipt | None = None
    enrichment: Enrichment | None = None
