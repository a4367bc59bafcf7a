"""The optional port of sources that can say which landed records are gone (docs/design/landing.md,
"Deletes").

A record is gone only with proof: the vendor's feed of deletions, or complete readings without it
and a direct read that denies it. One that is merely not shown is invisible, and is never among the
tombstones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import pyarrow as pa

from inlet_sdk.errors import IngestError
from inlet_sdk.ports.deletion_guard import may_go
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy

CENSUS_NEEDED = "CENSUS_NEEDED"
"""Code of a SourceWarning with which a reading asks for a census now."""


class CensusUnfinished(IngestError):
    """The comparison could not be brought to its end, so it proves nothing. Raised by a source's
    census.
    """

    def __init__(self, message: str) -> None:
        super().__init__("CENSUS_UNFINISHED", message)


@dataclass(frozen=True)
class Tombstone:
    """A landed record that is gone. `proof` is JSON: how that is known."""

    key: str
    proof: Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """What a census saw; becomes the run's evidence. `more`: how many findings of its kind it
    stands for.
    """

    code: str
    message: str
    weight: Literal["info", "partial", "suspicious"] = "info"
    more: int = 0


@dataclass(frozen=True)
class Absence:
    """What a full reading that was whole did not hand on. keys: of the live rows in question, by
    the first primary key. landed: how many live rows there are.
    """

    keys: pa.Array
    landed: int


@dataclass(frozen=True)
class CensusOrder:
    """What is to be compared, after a reading that reached `position` (epoch ms).

    due: all that has landed; else only what deletions the reading itself and cheap feeds tell.
    uncertain: the run before ended between its commits and its census, so what it was told of
        deletions is lost.
    deletes: tombstones are wanted; else findings alone.
    state: what the last census handed back.
    listed: of the reading, parent -> keys of all its children.
    apart: keys of records that the source shows and that have rightly not landed as they are shown:
        they are set aside, or discarded.
    absent: after a full reading; None after any other, and where it is known to have left records
        out.
    """

    due: bool
    uncertain: bool
    deletes: bool
    position: int | None
    state: Mapping[str, Any] = field(default_factory=dict)
    listed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    absent: Absence | None = None
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CensusReport:
    """`compared`: everything was. `state`: JSON for the next order, true once the tombstones have
    landed. `debts`: what the next readings have to make up for, by that state; this run says it,
    and a later one only what is left.
    """

    compared: bool
    findings: tuple[Finding, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    debts: tuple[Finding, ...] = ()


def deletes_held(count: int, landed: int, *, approved: bool) -> Finding | None:
    """Says that so many deletions wait for a person; None where they may happen."""
    if may_go(count, landed, approved=approved):
        return None
    return Finding(
        "DELETES_HELD",
        f"{count} of {landed} landed records are gone from the source, which is more than a run "
        "deletes unasked. Nothing was deleted; set policy.approveDeletes if this is right.",
        "suspicious",
    )


@dataclass(frozen=True)
class StillOwed:
    """What a source's state says that readings have yet to make up for. records: that are named.
    ranges: of records. unnamed: records that are only counted.
    """

    records: int
    ranges: int
    unnamed: int

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> StillOwed:
        """A source keeps them as `reread`, `owed` and `unnamed` of its state; it may have none."""
        return cls(
            len(state.get("reread") or ()),
            len(state.get("owed") or ()),
            int(state.get("unnamed") or 0),
        )

    def __bool__(self) -> bool:
        return bool(self.records or self.ranges or self.unnamed)


class LandedRows(Protocol):
    """The live rows in the sink."""

    def batches(self, *columns: str) -> Iterator[pa.RecordBatch]:
        """Batches of the named columns."""


@runtime_checkable
class SupportsCensus(Protocol):
    """Sources that can compare."""

    def has_census(self, unit_id: str) -> bool:
        """Whether the unit can be compared."""

    def census(
        self,
        unit_id: str,
        policy: Policy,
        order: CensusOrder,
        landed: LandedRows,
        context: IngestionContext,
    ) -> CensusReport:
        """Compare what the source shows with what has landed. Raises CensusUnfinished when that
        proves nothing.
        """
