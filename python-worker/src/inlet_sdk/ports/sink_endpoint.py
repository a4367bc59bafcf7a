"""The sink's port (document 002 section 1). How a sink lands is in docs/design/landing.md. Contract
suite: `testing/contract_sink.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import (
    DescribedEndpoint,
    FieldDescriptor,
    Mode,
    SinkDescriptor,
)
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.staging_provider import RecordReader

if TYPE_CHECKING:
    import pyarrow as pa

WantedVersions: TypeAlias = "Callable[[pa.Array], pa.Array]"
"""Marks, of an array of `_version`, those that are wanted."""


SYSTEM_COLUMNS = frozenset(
    {
        "_raw",
        "_unfit",
        "_hash",
        "_row_id",
        "_run_id",
        "_landed_at",
        "_version",
        "_deleted_at",
    }
)
"""Columns of ours, staged or landed: no field has such a name."""


@dataclass(frozen=True)
class SinkTarget:
    """Where a unit lands: table `<namespace>.<table>`, columns as the catalogue types them. Raises
    FatalError `SINK_REJECTED` where two columns would have one name.
    """

    tenant_id: str
    namespace: str
    table: str
    fields: tuple[FieldDescriptor, ...]

    def __post_init__(self) -> None:
        names = Counter(field.name for field in self.fields)
        taken = next((n for n in names if n in SYSTEM_COLUMNS or names[n] > 1), None)
        if taken is not None:
            raise FatalError(
                "SINK_REJECTED",
                f"Two columns of {self.table} would be called {taken}: rename the field at the "
                "source, and collect the endpoint.",
                details={"field": taken},
            )


@dataclass(frozen=True)
class SliceCommit:
    """What is committed at once. `commit_id` makes it idempotent, `epoch` fences it. `policy`
    carries primaryKeys, schema, keepRaw, deletes.

    operation: `delete` makes the staged rows tombstones, of which only the keys count.
    late: the staged rows may be older than what has landed since they were read. A sink that merges
        lets a landed row, and a tombstone, give way to a newer version only, and to none where the
        policy names no order of versions.
    whole: the staged rows of a FULL commit are all that the target is to hold; the pipeline has
        weighed what goes. For rows without a primary key, and for a sink that does not merge, which
        can only replace. Rows with a key that are not staged stay: nothing but a tombstone removes
        them.
    facts: what the target says of itself from this commit on, beside what it says already; written
        in the same step as the rows. Names are words of letters and dots.
    replaces: all that has landed goes in the same step, whatever the mode: a person said that it is
        of another source. Nothing else of the policy keeps a row of before.
    anew: the reading began without a checkpoint, so it shows every record as it is by now. A landed
        row gives way to any other version, also to an older one, as in FULL.
    """

    commit_id: str
    run_id: str
    epoch: int
    mode: Mode
    policy: Policy
    cursor_to: str | None = None
    operation: Literal["upsert", "delete"] = "upsert"
    whole: bool = False
    late: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    replaces: bool = False
    anew: bool = False


@dataclass(frozen=True)
class LandedTarget:
    """What a target that is there says of itself. `made`: names this making of it: a table that was
    dropped and made again has another. `facts`: of its commits, the latest of each name. `columns`:
    those that it has, by name; None where it does not know.
    """

    made: str
    facts: Mapping[str, str]
    columns: Mapping[str, LandedColumn] | None = None


@dataclass(frozen=True)
class LandedColumn:
    """`types`: of the fields whose values the column takes as they are. `of`: the field whose
    values it holds, where that has another name (a field that changed its type).
    """

    types: frozenset[str]
    of: str = ""


TEXT_TYPES = frozenset({"string", "json"})
"""Types whose values are text in every sink: a column of one takes the other."""


@dataclass(frozen=True)
class CommitReceipt:
    """What the sink recorded. read = landed + deduplicated + quarantined; `landed` counts rows
    inserted or updated, `deduplicated` rows that were there already, in this version or a newer
    one, or repeated in the slice; `unchanged` those of them that were there in this very version, 0
    for a sink that compares none.
    """

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
    unchanged: int = 0

    def as_json(self) -> dict[str, Any]:
        """JSON of the receipt, as the sink stores it and the run shows it."""
        return asdict(self)


@runtime_checkable
class SinkEndpoint(DescribedEndpoint, Protocol):
    """A configured sink."""

    descriptor: ClassVar[SinkDescriptor]

    @property
    def place(self) -> str:
        """Where it writes, as a text that stays the same for the same place and holds no secret.
        Ports of this machine are left out: they change with each start.
        """

    def test(self) -> dict[str, Any]:
        """Prove that the target can be written, leaving nothing behind. Raises FatalError naming
        the field to mend.
        """

    def find_commit(self, target: SinkTarget, commit_id: str) -> CommitReceipt | None:
        """The receipt of a commit that happened, else None. This is what settling asks."""

    def fence(self, target: SinkTarget, epoch: int) -> None:
        """Refuse from now on every commit of a lower epoch, also one that is on its way. Raises
        FencedError when a higher one was seen. A target that does not exist yet stays so.
        """

    def commit(
        self, target: SinkTarget, reader: RecordReader, commit: SliceCommit
    ) -> CommitReceipt:
        """Land the staged rows in one atomic, idempotent, fenced step. The same commit id again
        returns the recorded receipt; a lower epoch than the target has seen raises FencedError and
        changes nothing.

        A tombstone sets `_deleted_at` (`policy.deletes: soft`) or removes the row (`hard`); a key
        without a live row is passed over. A key that is landed again, in whatever version, lives
        again. A sink that cannot delete refuses `policy.deletes` other than `ignore` with
        FatalError `CONFIG_INVALID`.
        """

    def live_keys(self, target: SinkTarget, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """`columns` and `_version` of the landed rows that are not tombstones; nothing for a target
        that is not there. A column that the target lacks is null.
        """

    def landed_rows(self, target: SinkTarget, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
        """Every column of the landed rows that are no tombstones and whose `_version` is wanted, in
        batches of bounded memory, nothing for a target that is not there. Where the sink knows,
        those that landed first come first.
        """

    def landed_target(self, target: SinkTarget) -> LandedTarget | None:
        """What the target says of itself; None where it is not there."""

    def sweep(self, target: SinkTarget) -> int:
        """Delete what refused or killed commits left behind and is as old as the descriptor says.
        Returns files deleted.
        """


def refuse_deletes(sink: SinkEndpoint, policy: Policy) -> None:
    """Raises FatalError `CONFIG_INVALID` when the policy wants deletes and the sink cannot."""
    if policy.deletes in ("ignore", *sink.descriptor.deletes):
        return
    raise FatalError(
        "CONFIG_INVALID",
        f"{sink.descriptor.name} never changes what it has written, so it cannot delete: "
        "set policy.deletes to ignore.",
        details={"field": "policy.deletes"},
    )


def refuse_window(sink: SinkEndpoint, policy: Policy) -> None:
    """Raises FatalError `CONFIG_INVALID` when the policy says how often to merge and the sink does
    not merge.
    """
    if policy.merge_every_minutes is None or sink.descriptor.compares_versions:
        return
    raise FatalError(
        "CONFIG_INVALID",
        f"{sink.descriptor.name} only appends, so it merges nothing: leave "
        "policy.mergeEveryMinutes out, or choose a sink that merges.",
        details={"field": "policy.mergeEveryMinutes"},
    )
