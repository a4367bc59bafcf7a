"""The sink's port (document 002 section 1; `facts` of the landing protocol in docs/landing.md). Contract suite:
`tests/sinks/contract_sink.py`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

from inlet_worker.described_endpoint import DescribedEndpoint, FieldDescriptor, Mode
from inlet_worker.staging.staging_provider import RecordReader


@dataclass(frozen=True)
class SinkTarget:
    """Where a unit lands: table `<namespace>.<table>`, columns as the catalogue types them."""

    tenant_id: str
    namespace: str
    table: str
    fields: tuple[FieldDescriptor, ...]


@dataclass(frozen=True)
class SliceCommit:
    """What is committed at once. `commit_id` makes it idempotent, `epoch` fences it. `policy` carries primaryKeys,
    schema, keepRaw, deletes."""

    commit_id: str
    run_id: str
    epoch: int
    mode: Mode
    policy: dict[str, Any]
    cursor_to: str | None = None


@dataclass(frozen=True)
class CommitReceipt:
    """What the sink recorded. read = landed + deduplicated + quarantined; `landed` counts rows inserted or updated,
    `deduplicated` rows that were there already in this version or repeated in the slice."""

    commit_id: str
    epoch: int
    landed: int
    deduplicated: int
    quarantined: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    bytes: int = 0
    bytes_rewritten: int = 0
    location: str = ""
    snapshot_id: str | None = None
    schema_hash: str | None = None

    def as_json(self) -> dict[str, Any]:
        """JSON of the receipt, as the sink stores it and the run shows it."""
        return asdict(self)


@runtime_checkable
class SinkEndpoint(DescribedEndpoint, Protocol):
    """A configured sink."""

    def test(self) -> dict[str, Any]:
        """Prove that the target can be written, leaving nothing behind. Raises FatalError naming the field to mend."""

    def find_commit(self, target: SinkTarget, commit_id: str) -> CommitReceipt | None:
        """The receipt of a commit that happened, else None. This is what settling asks."""

    def fence(self, target: SinkTarget, epoch: int) -> None:
        """Refuse from now on every commit of a lower epoch, also one that is on its way. Raises FencedError when a
        higher one was seen. A target that does not exist yet stays so."""

    def commit(self, target: SinkTarget, reader: RecordReader, commit: SliceCommit) -> CommitReceipt:
        """Land the staged rows in one atomic, idempotent, fenced step. The same commit id again returns the recorded
        receipt; a lower epoch than the target has seen raises FencedError and changes nothing."""

    def sweep(self, target: SinkTarget) -> int:
        """Delete what refused or killed commits left behind and is old enough to be nobody's. Returns files deleted."""
