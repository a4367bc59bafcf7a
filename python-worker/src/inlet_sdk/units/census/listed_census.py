"""The census of records that a site lists as a whole and tells no changes of: which of those that a
full reading did not hand on are gone.

The reading by itself proves nothing. A record is gone when a second whole listing lacks it, too,
and the site denies it in every way in which it is asked for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from inlet_sdk.http.endpoint import HttpEndpoint
from inlet_sdk.ports.census import (
    CensusOrder,
    CensusReport,
    CensusUnfinished,
    LandedRows,
    Tombstone,
    deletes_held,
)
from inlet_sdk.ports.ingestion_context import IngestionContext, Progress
from inlet_sdk.ports.source_endpoint import Row
from inlet_sdk.units.census.time_left import refuse_if_late
from inlet_sdk.units.policy import ReadingPolicy
from inlet_sdk.units.unit import CensusTaker, FullReader


@dataclass(frozen=True)
class Denial:
    """One way of asking a site for records that it does not list.

    name: of the tombstone's proof. of: those of the keys that the site says are not there; one that
    it does not answer for is not among them. waived: `policy.approveDeletes` stands for it.
    """

    name: str
    of: Callable[[Sequence[str]], set[str]]
    waived: bool = False


DenialsOf = Callable[[HttpEndpoint, IngestionContext], Sequence[Denial]]
"""The ways of a site, in the order in which it is asked. Not all of them are waived."""


def listed_census(read: FullReader, key: str, denials: DenialsOf) -> CensusTaker:
    """Of the unit that `read` reads, whose rows have the key column `key`. It asks nothing where
    nothing is absent, and never says that all is there: it compares by the listing alone.
    """

    def census(
        http: HttpEndpoint,
        policy: ReadingPolicy,
        order: CensusOrder,
        landed: LandedRows,
        context: IngestionContext,
    ) -> CensusReport:
        if not order.deletes or order.absent is None or not len(order.absent.keys):
            return CensusReport(False, state=order.state)

        listed = _listed_again(read, key, http, policy, context)
        suspects = [name for name in order.absent.keys.to_pylist() if name not in listed]
        control = min(listed, default=None)

        ways = [
            way for way in denials(http, context) if not (way.waived and policy.approve_deletes)
        ]
        for way in ways:
            suspects = _denied(way, suspects, control, policy)
            held = deletes_held(len(suspects), order.absent.landed, approved=policy.approve_deletes)
            if held:
                return CensusReport(False, (held,), state=order.state)

        names = [way.name for way in ways]
        proof = {"absentFromListings": 2, "deniedBy": names, "approved": policy.approve_deletes}
        tombstones = tuple(Tombstone(name, proof) for name in suspects)
        return CensusReport(False, (), tombstones, order.state)

    return census


def _denied(
    way: Denial, suspects: Sequence[str], control: str | None, policy: ReadingPolicy
) -> list[str]:
    """Those of the suspects that the site denies in this way. A listed record is asked for with
    them: where that is denied as well, the way tells nothing. Where none is listed, a person has to
    approve.
    """
    if not suspects or (control is None and not policy.approve_deletes):
        return []
    denied = way.of(suspects if control is None else [*suspects, control])
    if control in denied:
        return []
    return [name for name in suspects if name in denied]


def _listed_again(
    read: FullReader,
    key: str,
    http: HttpEndpoint,
    policy: ReadingPolicy,
    context: IngestionContext,
) -> set[str]:
    """The keys of a second reading. Raises CensusUnfinished where it left records out."""
    progress = Progress()
    own = replace(context, continuation=None, progress=progress, on_progress=lambda _: None)
    keys: set[str] = set()

    try:
        for batch in read(http, policy, own):
            refuse_if_late(context)
            aside = [record.key for record in batch.quarantined]
            if None in aside or any(warning.partial for warning in batch.warnings):
                raise CensusUnfinished(
                    "The source's second listing left records out, so nothing was deleted. "
                    "The next run tries again."
                )
            keys.update(str(row[key]) for row in cast("Sequence[Row]", batch.rows))
            keys.update(record for record in aside if record is not None)
    finally:
        context.progress.requests += progress.requests
        context.progress.pages += progress.pages
        context.progress.waited_ms += progress.waited_ms
    return keys
