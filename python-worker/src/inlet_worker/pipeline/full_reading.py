"""What a full reading lacks of what has landed, and what its commit does with that.

Absence is no deletion. Where rows are merged by key, those that were not read stay, and a census
removes what is proven to be gone. Where the commit replaces all there is (a snapshot of files, rows
without a key), it happens or is held as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.ports.census import Absence, Tombstone
from inlet_sdk.ports.deletion_guard import may_go
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import Evidence, ExportResult
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.pipeline.commit_step import CommitStep
from inlet_worker.pipeline.take_census import SinkRows
from inlet_worker.pipeline.unread_keys import unread_keys
from inlet_worker.staging.key_text import key_text

CHUNK_ROWS = 65_536


@dataclass(frozen=True)
class Lacking:
    """count: landed live rows that a reading did not hand on. landed: all live rows. keys: of those
    that it lacks, empty where rows have none.
    """

    count: int
    landed: int
    keys: pa.Array


@dataclass(frozen=True)
class FullCommit:
    """whole: as in SliceCommit. held: nothing is to be committed."""

    whole: bool = False
    held: bool = False
    evidence: tuple[Evidence, ...] = ()


def lacking(
    rows: SinkRows, staged: RecordReader, keys: Sequence[str], exports: Sequence[ExportResult]
) -> Lacking:
    """Compare landed keys with staged ones and with those of records that were set aside. Rows
    without a key are counted.
    """
    if not keys:
        landed = sum(batch.num_rows for batch in rows.batches())
        count = max(0, landed - sum(manifest.rows for manifest in staged.manifests()))
        return Lacking(count, landed, pa.array([], pa.string()))

    aside = pa.array([key for one in exports for key in one.aside.get("came", ())], pa.string())
    there = (key_text(batch, keys) for batch in rows.batches(*keys))
    read = (key_text(batch, keys) for batch in staged.iter_batches(CHUNK_ROWS, list(keys)))
    unread, landed = unread_keys(there, chain(read, [aside]))
    return Lacking(len(unread), landed, unread)


def is_whole(exports: Sequence[ExportResult]) -> bool:
    """Whether a reading is not known to have left records out. What was set aside has come by."""
    return all(warning.weight != "partial" for export in exports for warning in export.warnings)


def names_all(exports: Sequence[ExportResult]) -> bool:
    """Whether all that was set aside tells which record it is."""
    return all(
        export.stats["quarantined_rows"] == len(export.aside.get("came", ())) for export in exports
    )


def absence(
    rows: SinkRows, staged: RecordReader, exports: Sequence[ExportResult], policy: Policy
) -> tuple[Lacking, Absence | None]:
    """What a full reading lacks once it has landed, and what a census may look into of it."""
    found = lacking(rows, staged, policy.primary_keys, exports)
    if len(policy.primary_keys) != 1 or not (is_whole(exports) and names_all(exports)):
        return found, None
    return found, Absence(found.keys, found.landed)


def left_after(found: Lacking, tombstones: Sequence[Tombstone]) -> tuple[Evidence, ...]:
    """What stays though a full reading lacks it."""
    gone = pa.array([tombstone.key for tombstone in tombstones], pa.string())
    removed = int(pc.sum(pc.is_in(found.keys, gone)).as_py() or 0)
    return listed_less(found.count - removed, found.landed)


def full_commit(
    step: CommitStep, staged: RecordReader, exports: Sequence[ExportResult], *, compares: bool
) -> FullCommit:
    """What becomes of a full reading. `compares`: a census follows that tells what is gone."""
    policy, sink = step.policy, step.sink
    keys = policy.primary_keys
    replaces = not (keys and sink.descriptor.compares_versions)
    if compares and not replaces:
        return FullCommit()
    if not (policy.allow_empty or any(manifest.rows for manifest in staged.manifests())):
        return FullCommit(replaces)  # the sink refuses it where something has landed

    found = lacking(SinkRows(sink, step.target), staged, keys, exports)
    if not replaces:
        return FullCommit(evidence=listed_less(found.count, found.landed))
    if not found.count:
        return FullCommit(whole=True)
    return _replacement(found, policy, is_whole(exports))


def replacing_commit(step: CommitStep, staged: RecordReader, *, ends: bool) -> FullCommit:
    """What becomes of a commit that replaces all that has landed, as a person ordered. One that
    replaces it by nothing is held, and the order stands: a lost permission looks just so. `ends`:
    nothing is left to be read.
    """
    if step.policy.allow_empty or any(manifest.rows for manifest in staged.manifests()):
        return FullCommit()
    landed = sum(batch.num_rows for batch in SinkRows(step.sink, step.target).batches())
    if not landed:
        return FullCommit()

    message = (
        f"The source shows no rows, and the run is to replace {landed}; nothing was replaced, and "
        "the next run is to do it. Check the account's permissions, or set policy.allowEmpty if "
        "the source is really empty."
    )
    empty = Evidence("SUSPICIOUS_EMPTY", message, "suspicious")
    return FullCommit(held=True, evidence=(empty,) if ends else ())


def listed_less(count: int, landed: int) -> tuple[Evidence, ...]:
    """Of rows that stay."""
    if not count:
        return ()
    message = (
        f"{count} of {landed} landed records were not among what this full run read. "
        "Nothing proves that they were deleted, so they stay."
    )
    return (Evidence("LISTED_LESS", message, "partial"),)


def agreeing(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Without `CENSUS_OK` where the reading showed less than what has landed."""
    if all(one.code != "LISTED_LESS" for one in evidence):
        return tuple(evidence)
    return tuple(one for one in evidence if one.code != "CENSUS_OK")


def _replacement(found: Lacking, policy: Policy, whole: bool) -> FullCommit:
    told = f"{found.count} of {found.landed} landed records were not among what this full run read"
    if not whole:
        why = "and its reading is incomplete: mend what the other evidence says, and run it again"
        return _held(f"{told}, {why}")

    if policy.approve_deletes:
        approved = Evidence("LISTED_LESS", f"{told}; they went, as approved.", "info")
        return FullCommit(whole=True, evidence=(approved,))
    if may_go(found.count, found.landed, approved=False):
        went = Evidence("LISTED_LESS", f"{told}; the new snapshot lacks them.", "partial")
        return FullCommit(whole=True, evidence=(went,))

    why = "which is more than a run removes unasked: set policy.approveDeletes if this is right"
    return _held(f"{told}, {why}")


def _held(told: str) -> FullCommit:
    message = f"{told}. What was there before stays as it is."
    return FullCommit(held=True, evidence=(Evidence("SNAPSHOT_HELD", message, "suspicious"),))
